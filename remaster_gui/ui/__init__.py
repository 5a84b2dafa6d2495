"""The windows of the editor; the only room that knows QtWidgets."""
