"""Code, its outputs, tab groups, and saved functions.

| part | its one responsibility |
|---|---|
| `tabs` | d2lbook's tab markup into accessible tab groups |
| `outputs` | outputs of cells: apart from code, of their kind, folded when long |
| `code_boxes` | one box around each block of code |
| `highlight` | the colours of code, and no marks for what has none of its own |
| `saved_names` | where saved functions are defined, with anchors, and where used |
| `saved_links` | from uses to definitions |
| `saved_list` | the list of the saved functions |

`copy.js` adds the button that copies a cell.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.cells import (
    highlight,
    outputs,
    saved_links,
    saved_list,
    saved_names,
    tabs,
)

_PARTS = (tabs, outputs, highlight, saved_names, saved_links, saved_list)


def setup(app: Sphinx) -> None:
    for part in _PARTS:
        part.setup(app)
