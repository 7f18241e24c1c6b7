"""Measurements of this site beside those that other tools make of the same book."""
