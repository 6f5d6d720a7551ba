"""Recipes, the loop, and runs on disk."""
