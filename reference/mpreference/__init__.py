"""The reference implementation of the API of ``multiprocessing``: not written yet.

The package holds its place so that the four areas of the project install together; until it
has an API of its own it is no backend, and no adapter names it.
"""
