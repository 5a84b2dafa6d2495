"""Killing the program at any moment: what was finished stays, and the same command goes on to the same result.

A kill comes at random, or right before a chosen step: every call by which the disk is changed (a file made, synced,
renamed, linked or removed) is one, so that each of them can be the last. The steps are counted by functions of the
operating system that are wrapped in the process to be killed; the product knows nothing of it.
"""
