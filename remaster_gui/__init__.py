"""Remaster: restore and colour vintage black-and-white film from a few colour references."""

__version__ = "0.1.0"
