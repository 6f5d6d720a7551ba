"""How good a recognizer is, and how certain that is."""
