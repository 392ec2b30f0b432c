"""Managers, namespaces, customized managers and remote managers."""
