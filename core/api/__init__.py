"""REST: one router a room."""
