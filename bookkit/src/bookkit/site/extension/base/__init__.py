"""What every part of a page asks for: the book, its tabs, the page itself."""
