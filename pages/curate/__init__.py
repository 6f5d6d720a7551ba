"""The Curate screen."""
