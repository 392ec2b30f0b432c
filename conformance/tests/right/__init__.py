"""Backends that keep every promise, and answer otherwise wherever the documentation leaves the answer open."""
