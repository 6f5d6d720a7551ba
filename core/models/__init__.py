"""Architectures, their weights and cards, and the recognizer that everything uses."""
