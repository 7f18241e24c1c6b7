"""The text as it is read: configuration, sections, cells, marks, links."""
