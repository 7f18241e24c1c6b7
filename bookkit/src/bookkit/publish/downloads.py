"""Notebooks that readers of the site take with them: each is whole by itself.

Figures and saved functions lie inside the notebook. One that needs data files comes as
an archive with them. All notebooks of a tab are one archive too.
"""

from __future__ import annotations

import base64
import io
import mimetypes
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from bookkit.book import d2lbook
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import present_data
from bookkit.book.markdown import tokens_of
from bookkit.book.pictures import in_html, local_path
from bookkit.book.places import parts_of
from bookkit.book.source import Section, runs_code
from bookkit.files import write_whole
from bookkit.publish.pictures import shown_anywhere
from bookkit.publish.text import Edit, edited, line_span, tail
from bookkit.publish.wheel import wheel_of

# How a picture begins: most cells have none, and need no reading.
_PICTURE = re.compile(r"!\[|<img\b", re.I)
#: The earliest time that an archive knows: the same content makes the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644


def archive_name(config: Config, tab: str) -> str:
    """Return the name of a tab's archive, e.g. `d2l-pytorch.zip`."""
    return f"{config.name}-{tab}.zip"


def offered(
    config: Config,
    sections: Sequence[Section],
    executed: Mapping[str, Mapping[str, Any | None]],
) -> dict[str, dict[str, str]]:
    """Return what each page offers, by tab: a path in the folder of downloads.

    Notebooks without code are in the archives only, which the first page offers.
    """
    found: dict[str, dict[str, str]] = {}
    for section in sections:
        page = section.path.with_suffix("").as_posix()
        for tab in config.tabs:
            notebook = executed[tab.name].get(str(section.path))
            if runs_code(notebook):
                place = _place(section, tab, companions_of(config, section, tab))
                found.setdefault(page, {})[tab.name] = place.as_posix()
    names = {tab.name: archive_name(config, tab.name) for tab in config.tabs}
    return {**found, config.index: names} if found else {}


class Taker(Protocol):
    """Takes every notebook along, as it was made, until there are no more."""

    def add(self, tab: Tab, section: Section, notebook: Any, text: str) -> None:
        """Take a notebook, of which `text` is the file as it stands on disk."""

    def finish(self) -> None:
        """Be told that these were all."""


class Downloads:
    """The folder of downloads; what is not added to it again goes."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._files: dict[str, dict[str, bytes]] = {tab.name: {} for tab in config.tabs}
        self._wanted: set[Path] = set()

    def add(self, tab: Tab, section: Section, notebook: Any, text: str) -> None:
        """Take a notebook, of which `text` is the file as it stands on disk."""
        import nbformat

        whole = with_figures(notebook, self._config.root / section.path.parent)
        if whole != notebook:
            text = nbformat.writes(whole) + "\n"  # type: ignore[no-untyped-call]
        path = section.path.with_suffix(".ipynb")
        companions = companions_of(self._config, section, tab)
        near = {path.name: text.encode()}
        near |= {name: source.read_bytes() for name, source in companions.items()}
        for name, content in near.items():
            self._files[tab.name][(path.parent / name).as_posix()] = content
        if runs_code(notebook):
            place = _place(section, tab, companions)
            self._write(place, _archive(near) if companions else near[path.name])

    def finish(self) -> None:
        """Write the archives and the wheel; delete what nothing makes any more."""
        if wheel := wheel_of(self._config):
            self._write(PurePosixPath(wheel.name), wheel.read_bytes())
        for tab, files in self._files.items():
            if any(place.is_relative_to(self._folder / tab) for place in self._wanted):
                name = archive_name(self._config, tab)
                self._write(PurePosixPath(name), _archive(files))
        for path in sorted(self._folder.rglob("*"), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
            elif path.is_file() and path not in self._wanted:
                path.unlink()

    def _write(self, place: PurePosixPath, content: bytes) -> None:
        path = self._folder / place
        self._wanted.add(path)
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)


def with_figures(notebook: Any, folder: Path) -> Any:
    """Return a copy of a notebook with its pictures inside.

    `folder` is where the section lies. Colab writes pictures into Markdown in the
    same way, and knows no attachments of cells.
    """

    cells = [d2lbook.copied_cell(cell) for cell in notebook.cells]
    for cell in cells:
        if cell.cell_type == "markdown" and _PICTURE.search(cell.source):
            cell.source = edited(cell.source, _embedded(cell.source, folder))
    return d2lbook.copied(notebook, cells)


def _embedded(text: str, folder: Path) -> Iterator[Edit]:
    tokens = tokens_of(text)
    for part in parts_of(text, tokens):
        if part.start is None or part.end is None:
            continue
        if part.token.type == "image":
            if data := _data(str(part.token.attrs["src"]), folder):
                yield part.label_end, part.end, tail(part.token, data)
        elif part.token.type == "html_inline":
            yield from _in_html(text, part.start, part.end, folder)
    for token in tokens:
        if token.type == "html_block" and token.map:
            yield from _in_html(text, *line_span(text, *token.map), folder)


def _in_html(text: str, start: int, end: int, folder: Path) -> Iterator[Edit]:
    content = text[start:end]
    for shown in in_html(content, 1):
        address = escape(shown.address)
        address = address if address in content else shown.address
        if address in content and (data := _data(shown.address, folder)):
            content = content.replace(address, data)
    if content != text[start:end]:
        yield start, end, content


def _data(address: str, folder: Path) -> str:
    """Return a picture as an address that holds it; "": it is somewhere else."""
    path = local_path(address)
    picture = shown_anywhere(folder / path) if path else None
    kind = mimetypes.guess_type(picture)[0] if picture else None
    if picture is None or not kind or not os.path.isfile(picture):
        return ""
    content = base64.b64encode(picture.read_bytes()).decode()
    return f"data:{kind};base64,{content}"


def companions_of(config: Config, section: Section, tab: Tab) -> dict[str, Path]:
    """Return the files that a notebook needs, by their names beside it."""
    names = present_data(config.root, section, tab.name)
    return {name: config.root / name for name in names}


def _place(section: Section, tab: Tab, companions: Mapping[str, Path]) -> PurePosixPath:
    suffix = ".zip" if companions else ".ipynb"
    return PurePosixPath(tab.name) / section.path.with_suffix(suffix)


def _archive(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE << 16
            archive.writestr(entry, content)
    return made.getvalue()
