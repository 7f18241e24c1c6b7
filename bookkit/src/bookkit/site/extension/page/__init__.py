"""Everything around the text of a page."""
