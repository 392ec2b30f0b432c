"""Proxy Objects."""
