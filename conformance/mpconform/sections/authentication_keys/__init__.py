"""Authentication keys."""
