"""The Sheet screen."""
