"""Which files are pages, told to Sphinx.

It asks its settings `include_patterns` and `exclude_patterns`, and any change of these
has it read every page again: a new section, and a new folder beside the book. Where it
knows nothing yet, it also looks for pages as soon as it exists, before it is told which
there are: through all environments, for longer than the pages take. No issue was found
upstream; this may go with patterns that do not outdate what is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sphinx.application import Sphinx
from sphinx.project import Project


class BookProject(Project):
    """Finds these files, at first none; it does not look into folders without any."""

    files: Sequence[str] = ()

    def discover(
        self, exclude_paths: Iterable[str] = (), include_paths: Iterable[str] = ("**",)
    ) -> set[str]:
        wanted = {name.partition("/")[0] for name in self.files}
        others = (one for one in self.srcdir.iterdir() if one.is_dir())
        excluded = [_plain(one.name) for one in others if one.name not in wanted]
        return super().discover(excluded, map(_plain, self.files))


def read_only(app: Sphinx, files: Sequence[str]) -> None:
    """Let these files be the pages, and no others."""
    assert isinstance(app.project, BookProject)  # by `run_sphinx_build`
    app.project.files = files


def _plain(name: str) -> str:
    """Return the pattern that stands for a name alone."""
    return re.sub(r"([\[*?])", r"[\1]", name)
