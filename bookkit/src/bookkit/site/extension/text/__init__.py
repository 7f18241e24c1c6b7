"""Prose, citations, figures, formulas, exercises.

| part | its one responsibility |
|---|---|
| `prose` | line breaks and role boundaries in texts without spaces |
| `figures` | alternative texts, sizes, figures with dark colours of their own |
| `exercises` | exercises and their kinds |
| `chapters` | wording of references to whole chapters |
| `citations` | citations in the book's language, and the list of works cited |
| `mathml` | formulas without JavaScript, and a font for machines that have none |
"""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.text import (
    chapters,
    citations,
    exercises,
    figures,
    mathml,
    prose,
)

_PARTS = (prose, figures, exercises, chapters, citations, mathml)


def setup(app: Sphinx) -> None:
    for part in _PARTS:
        part.setup(app)
