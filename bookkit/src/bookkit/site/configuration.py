"""Where Sphinx's configuration lies, and which files are pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bookkit.book.config import Config
from bookkit.files import write_whole
from bookkit.site.defaults import conf_text, rst_files
from bookkit.site.html_pages import HtmlPages

_OURS = """
# Pages are these files and no others, whatever the author says
suppress_warnings = [*suppress_warnings, "myst.header", "myst.strikethrough"]
bibtex_bibfiles = {works!r}
include_patterns = {included!r}
exclude_patterns = {excluded!r}
"""
_SPECIAL = re.compile(r"([\[*?])")


def write_configuration(config: Config, pages: HtmlPages) -> bool:
    """Write `conf.py` if it is another; return whether a warning is an error."""
    rsts = [str(path.relative_to(config.root)) for path in rst_files(config)]
    names = [*pages.names, *rsts]
    text = conf_text(config) + _OURS.format(
        works=[str(config.root / config.bibfile)] if config.bibfile else [],
        included=[_SPECIAL.sub(r"[\1]", name) for name in names],
        excluded=list(_others(config.root, names)),
    )
    write_whole(pages.conf_dir / "conf.py", text)
    return config.pages.warning_is_error


def _others(root: Path, names: list[str]) -> Iterator[str]:
    """Yield what Sphinx need not look into: folders without pages."""
    wanted = {Path(name).parts[0] for name in names}
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name not in wanted:
            yield _SPECIAL.sub(r"[\1]", path.name)
