"""Code shared by several screens."""
