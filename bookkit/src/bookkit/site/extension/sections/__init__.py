"""From a section's Markdown, its cells and their outputs to a page: Sphinx's parser."""
