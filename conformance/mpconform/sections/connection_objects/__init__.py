"""Connection objects."""
