"""How good a recognizer is, and how sure one can be of that."""
