"""Long commands as separate processes, and where work in pieces runs."""
