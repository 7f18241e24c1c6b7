"""Sphinx's configuration: d2lbook's of config.ini, ours, and which files are pages."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.d2lbook.build import Config as D2lbookConfig
from bookkit.book.d2lbook.build import find_files, prepare_sphinx_env
from bookkit.files import write_whole
from bookkit.site.html_pages import HtmlPages

_DEFAULTS = """# Of bookkit, for what d2lbook and config.ini do not say
html_title = {title!r}
html_secnumber_suffix = " "
html_copy_source = False
html_show_sourcelink = False
pygments_dark_style = "github-dark"
bookkit_chapter_format = {chapter!r}
"""
_CHAPTERS = {"zh": "第%s章"}
_OURS = """
# What bookkit adds: its parser and its pages, of these files and no others
extensions = [one for one in extensions if one not in {unwanted!r}]
extensions += ["bookkit.site.extension"]
html_math_renderer = "bookkit"
suppress_warnings = [*suppress_warnings, "myst.header", "myst.strikethrough"]
bibtex_bibfiles = {works!r}
include_patterns = {included!r}
exclude_patterns = {excluded!r}
"""
# Of d2lbook: they convert what we read otherwise, or wait for other programs.
_UNWANTED = ("recommonmark", "sphinxcontrib.rsvgconverter")
_SPECIAL = re.compile(r"([\[*?])")


def write_configuration(config: Config, pages: HtmlPages) -> bool:
    """Write `conf.py` if it is another; return whether a warning is an error."""
    with contextlib.chdir(config.root), _quiet():
        theirs = D2lbookConfig()
        # d2lbook writes it where its own pages are made
        theirs.rst_dir = str(pages.conf_dir)
        (pages.conf_dir / "_static").mkdir(parents=True, exist_ok=True)
        path = pages.conf_dir / "conf.py"
        prepare_sphinx_env(theirs)
        rsts = find_files(theirs.build["rsts"], theirs.src_dir)
    names = [*pages.names, *(str(Path(one)) for one in rsts)]
    text = _DEFAULTS.format(
        title=config.title, chapter=_CHAPTERS.get(config.language.partition("-")[0], "")
    )
    text += path.read_text(encoding="utf-8") + _OURS.format(
        unwanted=_UNWANTED,
        works=[str(config.root / config.bibfile)] if config.bibfile else [],
        included=[_SPECIAL.sub(r"[\1]", name) for name in names],
        excluded=list(_others(config.root, names)),
    )
    write_whole(path, text)
    return bool(theirs.build["warning_is_error"].lower() == "true")


def _others(root: Path, names: list[str]) -> Iterator[str]:
    """Yield what Sphinx need not look into: folders without pages."""
    wanted = {Path(name).parts[0] for name in names}
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name not in wanted:
            yield _SPECIAL.sub(r"[\1]", path.name)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep d2lbook's prints and warnings off the terminal."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
