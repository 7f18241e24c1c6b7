"""Measurements of bookkit against d2lbook and plain nbclient; see `__main__`."""
