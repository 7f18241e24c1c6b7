"""What `config.ini` says of pages: words around the text, links, further files.

Standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bookkit.book.config.ini import Ini

#: How an address begins that is a program.
_CODE = re.compile(r"(?:javascript|vbscript|data):", re.I)


@dataclass(frozen=True)
class PageSettings:
    """Values of d2lbook's keys about pages.

    `links` are name and address of each of `header_links`; `configs` is the author's
    Python for Sphinx's configuration; `share`, a picture for messengers, and `issues`,
    the address of a form, are ours.
    """

    author: str = ""
    copyright: str = ""
    release: str = ""
    links: tuple[tuple[str, str], ...] = ()
    issues: str = ""
    favicon: str = ""
    logo: str = ""
    share: str = ""
    sheets: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    rsts: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    configs: str = ""
    warning_is_error: bool = False


def read_pages(ini: Ini) -> PageSettings:
    """Read them.

    Raises:
        ConfigError: a line of `header_links` is no link to a page, or `issues` no form.
    """
    return PageSettings(
        author=ini.get("project", "author"),
        copyright=ini.get("project", "copyright"),
        release=ini.get("project", "release"),
        links=_links(ini),
        issues=_issues(ini),
        favicon=ini.get("html", "favicon"),
        logo=ini.get("html", "html_logo"),
        share=ini.get("bookkit", "share_image"),
        sheets=tuple(ini.get("html", "include_css").split()),
        scripts=tuple(ini.get("html", "include_js").split()),
        rsts=tuple(ini.get("build", "rsts").split()),
        extensions=tuple(ini.get("build", "sphinx_extensions").split()),
        configs=ini.get("build", "sphinx_configs"),
        warning_is_error=ini.get("build", "warning_is_error").lower() == "true",
    )


def _issues(ini: Ini) -> str:
    """Read the address of a form for errors, with places for its title and text."""
    form = ini.get("bookkit", "issues")
    try:
        filled = form.format(title="1", body="2") if form else ""
    except (LookupError, ValueError):
        filled = form
    whole = r"https?://[^\s/]\S*"
    if form and (filled == form or not re.fullmatch(whole, filled)):
        example = "https://github.com/owner/name/issues/new?title={title}&body={body}"
        raise ini.wrong("bookkit", "issues", f"an address such as {example}")
    return form


def title_of(ini: Ini) -> str:
    """Return the title; d2lbook takes the first line of the first page without one."""
    title = ini.get("project", "title")
    if title:
        return title
    index = ini.get("build", "index").removesuffix(".md")
    try:
        text = (ini.path.parent / f"{index}.md").read_text("utf-8", errors="replace")
    except OSError:
        return ""  # said by BK107
    return next(filter(None, map(str.strip, text.splitlines())), "").lstrip("# ")


def _links(ini: Ini) -> tuple[tuple[str, str], ...]:
    """Read `name, address, icon` lines; icons are left to d2lbook's own theme."""
    found = []
    for row in filter(str.strip, ini.get("html", "header_links").splitlines()):
        parts = [part.strip() for part in row.split(",") if part.strip()]
        if len(parts) < 2:
            expected = "a line `name, address, icon` for each link"
            raise ini.wrong("html", "header_links", expected, f"`{row.strip()}`")
        if _CODE.match(parts[1]):
            expected = "the address of a page, such as https://example.org"
            raise ini.wrong("html", "header_links", expected, f"`{parts[1]}`")
        found.append((parts[0], parts[1]))
    return tuple(found)
