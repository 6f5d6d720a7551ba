"""Long commands as separate processes."""
