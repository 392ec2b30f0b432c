"""Process and exceptions."""
