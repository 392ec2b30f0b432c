"""Process Pools."""
