"""The book's web site: `build` makes it, `extension` says what its pages look like.

Empty, because Sphinx imports the extension and should not import d2lbook for it.
"""
