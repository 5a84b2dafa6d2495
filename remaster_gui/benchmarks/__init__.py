"""How fast, and with how much memory, the program works on this machine; above all other rooms."""
