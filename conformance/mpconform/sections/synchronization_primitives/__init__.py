"""The section on synchronization primitives."""
