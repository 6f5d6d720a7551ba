"""Compose: one file a view."""
