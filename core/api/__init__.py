"""REST API: one router per room."""
