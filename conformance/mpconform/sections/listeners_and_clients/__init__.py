"""Listeners and Clients."""
