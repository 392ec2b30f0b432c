"""Pipes and Queues."""
