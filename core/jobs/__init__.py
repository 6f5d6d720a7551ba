"""Long commands as processes of their own."""
