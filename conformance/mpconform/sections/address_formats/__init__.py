"""Address formats."""
