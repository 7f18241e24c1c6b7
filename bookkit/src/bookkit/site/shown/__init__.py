"""What a cell gave, as a reader is shown it: on pages, and where cells are run in them.

What a cell gives may be anything: it is shown inside its own box, never interpreted as
the book's text. Nothing here needs Sphinx.
"""
