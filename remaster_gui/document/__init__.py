"""The open project: undo, writing in the background, what is being looked at; QtCore and QtGui only."""
