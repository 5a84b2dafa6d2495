"""Damaged and hostile inputs by the thousand: whatever comes of them, it must be a sentence.

Every target hands an input, a small tree of files, to one part of the product. Inputs are made from seeds, which are
good files that the targets make themselves, by a few steps of damage; an input is named by its target, its number and
the steps that are kept, as in ``film:1234:0,2``, and is the same each time.
"""
