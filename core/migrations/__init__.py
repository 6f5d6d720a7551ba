"""The versions of the store's tables, and what leads from each to the next (Alembic)."""
