"""Miscellaneous."""
