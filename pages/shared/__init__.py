"""What two screens or more use."""
