"""The views of the Explore screen, one a file."""
