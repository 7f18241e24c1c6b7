"""Code, its outputs, tab groups, and the saved functions they name."""
