"""Everything that a person has made, in one zip and back."""
