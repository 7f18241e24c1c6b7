"""Code, its outputs, tab groups, and saved functions."""
