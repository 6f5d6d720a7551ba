"""Handwriting made from tables of strokes."""
