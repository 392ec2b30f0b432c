"""The multiprocessing.dummy module."""
