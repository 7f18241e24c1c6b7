"""Notebooks for learners: one clean linear notebook per section and tab.

d2lbook's directives are resolved into plain Markdown, so that Jupyter and
Colab show text and not `:numref:`. A file that its reader changed is kept.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from bookkit.book import d2lbook
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import place_files, present_data
from bookkit.book.files_read import FilesRead
from bookkit.book.inputs import resource_files
from bookkit.book.markdown.slides import without_slide_marks
from bookkit.book.pictures import file_of, pictures_of
from bookkit.book.solutions import reader_notebook_of, solutions_path
from bookkit.book.source import Section, give_ids, runs_code
from bookkit.files import copy_whole, write_whole
from bookkit.library.saved import extract
from bookkit.publish.alone import carry_along
from bookkit.publish.downloads import Taker
from bookkit.publish.guide import introduce, lead_on
from bookkit.publish.numbers import References
from bookkit.publish.text import Resolver

log = logging.getLogger(__name__)

RECORD_NAME = ".written.json"
#: Of what is known about the run, this stays in a learner's notebook.
_RUN_KEPT = ("tab", "versions")


def write_notebooks(
    config: Config,
    sections: Sequence[Section],
    executed: Mapping[str, Mapping[str, Any | None]],
    folder: Path,
    kernels: bool = False,
    taker: Taker | None = None,
) -> list[Path]:
    """Write every notebook of the selected tabs below `folder/TAB/`.

    `kernels` names this machine's kernel of each tab instead of the `python3`
    that every Jupyter has; `taker` gets all of them too, as we made them.
    Returns the files that were written anew; products of removed sections are
    deleted.
    """
    references = References(config, sections)
    record = _Record(folder / RECORD_NAME)
    written, wanted = [], set()
    resources, read = set(resource_files(config)), FilesRead(config)
    for tab in config.tabs:
        library = extract(config, list(sections), tab)
        found = executed[tab.name]
        with_code = [s.path for s in sections if runs_code(found.get(str(s.path)))]
        for section in sections:
            ran = found.get(str(section.path))
            if ran is None:
                continue
            for kind, notebook in notebooks_of(section, ran):
                plain = resolve(notebook, kind, references, tab.library)
                if runs_code(ran):
                    following = _following(section, with_code)
                    introduce(plain, section, tab, references, ready=kernels)
                    lead_on(plain, kind, section, following, references)
                if tab.library:
                    carry_along(plain, library, references.words)
                if kernels:
                    plain.metadata["kernelspec"] = _kernelspec(config, tab)
                path = folder / tab.name / kind.path.with_suffix(".ipynb")
                wanted.add(path)
                text = _text(plain)
                if record.write(path, text):
                    written.append(path)
                if taker:
                    taker.add(tab, kind, plain, text)
            _copy_images(config, section, folder / tab.name)
            data = present_data(config.root, section, tab.name)
            place_files(config.root, data, path.parent)
            around = resources.intersection(read.of(str(section.path), tab.name))
            place_files(config.root, around, folder / tab.name)
    tabs = [tab.name for tab in config.tabs]
    record.forget_others(wanted, [folder / tab for tab in tabs])
    record.save()
    if taker:
        taker.finish()
    return written


def notebooks_of(section: Section, ran: Any) -> Iterator[tuple[Section, Any]]:
    """Yield the notebooks of a section that ran: the reader's, then the solutions'."""
    yield section, reader_notebook_of(section, ran)
    if section.solution:
        # Beside the reader's, so that pictures and links are found from it as well
        yield replace(section, path=solutions_path(section.path)), ran


def _following(
    section: Section, order: Sequence[PurePosixPath]
) -> PurePosixPath | None:
    return next(iter(order[order.index(section.path) + 1 :]), None)


def _kernelspec(config: Config, tab: Tab) -> dict[str, str]:
    name = f"{tab.title} ({config.name})"
    return {"display_name": name, "language": "python", "name": tab.kernel}


def _text(notebook: Any) -> str:
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def resolve(
    notebook: Any,
    section: Section,
    references: References,
    library: Path | None = None,
) -> Any:
    """Return a copy of a notebook in which every directive is plain Markdown.

    `library` is the module of the tab's saved code.
    """
    plain = d2lbook.copied(notebook, map(d2lbook.copied_cell, notebook.cells))
    ran = plain.metadata.get("bookkit", {})
    # When and how fast it ran would make another file of every run.
    plain.metadata["bookkit"] = {key: ran[key] for key in _RUN_KEPT if key in ran}
    # d2lbook makes new cells, with a random id each. Ours are of the author's text,
    # since a figure that is added changes the numbers in many others.
    give_ids(plain.cells, str(section.path))
    plain.metadata["language_info"] = _language(ran.get("versions", {}))
    resolver = Resolver(section, references, library)
    for cell in plain.cells:
        if cell.cell_type == "markdown":
            cell.source = resolver.resolve(without_slide_marks(cell.source))
        for name in ("origin_pos", "tab"):
            cell.metadata.pop(name, None)
    plain.cells = [cell for cell in plain.cells if cell.source.strip()]
    return plain


def _language(versions: Mapping[str, str]) -> dict[str, Any]:
    """Return what Jupyter would write of the kernel that ran it.

    Programs that make another file of a notebook ask it for the kind of file.
    """
    version = {"version": versions["python"]} if "python" in versions else {}
    return {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        **version,
    }


def _copy_images(config: Config, section: Section, target: Path) -> None:
    for part in filter(None, (section, section.solution)):
        for shown in pictures_of(part.text, part.tokens):
            place = file_of(shown.address, section.path.parent)
            if place and os.path.isfile(config.root / place):
                copy_whole(config.root / place, target / place)


class _Record:
    """Which content we wrote where, so that a reader's own edits are told apart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._hashes: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            self._hashes = {}

    def _name(self, path: Path) -> str:
        return path.relative_to(self._path.parent).as_posix()

    def write(self, path: Path, text: str) -> bool:
        """Write a file unless it is the same or its reader changed it."""
        new, name = _hash(text.encode()), self._name(path)
        if path.exists():
            old = _hash(path.read_bytes())
            if old == new:
                self._hashes[name] = [new]
                return False
            if old not in self._hashes.get(name, [old]):
                log.warning("%s was changed by hand and is kept as it is", path)
                return False
        # Both hashes stand in the record before the file changes: an
        # interruption at any point leaves a file that is known as ours.
        self._hashes[name] = [*self._hashes.get(name, [])[-1:], new]
        self.save()
        write_whole(path, text)
        return True

    def forget_others(self, wanted: set[Path], folders: Sequence[Path]) -> None:
        """Delete our unchanged products that nothing makes any more."""
        for folder in folders:
            for path in sorted(folder.rglob("*.ipynb")):
                if path in wanted or ".ipynb_checkpoints" in path.parts:
                    continue
                known = self._hashes.pop(self._name(path), [])
                if _hash(path.read_bytes()) in known:
                    path.unlink()

    def save(self) -> None:
        write_whole(self._path, json.dumps(self._hashes, indent=1))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
