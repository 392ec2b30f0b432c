"""A conformance suite for the API of Python's ``multiprocessing``.

This module imports nothing: every child process that a test starts imports it.
"""

__version__ = "0.1.0"
