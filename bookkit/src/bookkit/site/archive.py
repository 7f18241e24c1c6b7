"""The whole site as one archive, to be read where there is no network.

It is made of a built site, and its first page then offers it: the page in the archive
does not. The next build takes both away again, as they would be of an older site.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from html import escape
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.words import read_words
from bookkit.errors import UsageError, explain
from bookkit.files import write_whole
from bookkit.site.extension.base.book import WORDS
from bookkit.site.html_pages import DOWNLOADS

#: Where the first page offers the archive, as soon as there is one.
PLACE = "<!-- bookkit: the archive -->"
#: The earliest time that an archive knows: the same content makes the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_MB = 1_000_000
# Pages about no page, which servers alone have a use for.
_LEFT_OUT = {"404.html", "objects.inv"}


def write_archive(config: Config) -> Path:
    """Pack the site, and offer the archive on its first page.

    Raises:
        UsageError: the first page has no place for it: it was not built, or has offered
            the archive already.
    """
    site = config.output / "html"
    first = site / f"{config.index}.html"
    text = first.read_text(encoding="utf-8") if first.is_file() else ""
    if PLACE not in text:
        expected = "the first page as a build leaves it"
        raise UsageError(explain(str(first), "no place for it", expected, "make html"))
    path = site / DOWNLOADS / f"{config.name}-site.zip"
    path.parent.mkdir(exist_ok=True)
    top = f"{config.name}-{config.pages.release or 'site'}"
    pack(site, path, top, _LEFT_OUT)
    words = read_words(WORDS, config.language)["launch_site"]
    said = words.format(size=f"{path.stat().st_size / _MB:.1f}")
    address = escape(f"{DOWNLOADS}/{path.name}")
    link = f'<p class="bk-source"><a href="{address}" download>{escape(said)}</a></p>'
    write_whole(first, text.replace(PLACE, link))
    return path


def pack(site: Path, path: Path, top: str, left_out: Collection[str] = ()) -> None:
    """Pack a site below a folder named `top`: the same site makes the same bytes."""
    names = {
        one.relative_to(site).as_posix(): one
        for one in site.rglob("*")
        if one.is_file() and one != path
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(names.items()):
            if name not in left_out:
                entry = zipfile.ZipInfo(f"{top}/{name}", _TIME)
                # What is packed already gets no smaller
                packed = file.suffix in {".zip", ".png", ".whl", ".woff2"}
                kind = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                entry.compress_type = kind
                entry.external_attr = _MODE << 16
                archive.writestr(entry, file.read_bytes())
