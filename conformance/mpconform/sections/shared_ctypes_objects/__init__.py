"""Shared ctypes Objects."""
