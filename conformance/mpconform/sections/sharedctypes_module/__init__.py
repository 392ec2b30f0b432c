"""The multiprocessing.sharedctypes module."""
