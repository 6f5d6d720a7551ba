"""Better data: marks on pictures, and labels that are probably wrong."""
