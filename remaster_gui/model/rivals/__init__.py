"""The systems that the paper compares with (its Tables 4 to 6), each written from its own paper.

They are ordinary networks of this code base, trained on the same films by the same loop, and serve comparison alone:
`evaluate` and `render --weights` load them, nothing else does.
"""
