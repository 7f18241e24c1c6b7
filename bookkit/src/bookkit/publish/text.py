"""The Markdown of a notebook's cell: what d2lbook, footnotes and links to sections mean
is written so that Jupyter, which renders each cell alone, shows what the page shows.

Changes are made at the places of tokens: code, formulas and comments stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from markdown_it.token import Token

from bookkit.book.markdown import tokens_of, tokens_of_part
from bookkit.book.markdown.wide import WIDE
from bookkit.book.pictures import local_path
from bookkit.book.places import Part, parts_of
from bookkit.book.source import Section
from bookkit.book.toc import fence_name, page_of, toc_of
from bookkit.library.modules import alias_of, import_of, module_name, read_module
from bookkit.publish.numbers import References

#: What an author writes where the saved functions are to be listed.
SAVED_FUNCTIONS = ".. container:: bookkit-saved-functions"
#: A place in the text, and what is written there.
Edit = tuple[int, int, str]
_WIDE = re.compile(f"[{WIDE}]")
_EMPHASIS = ("strong", "em")


class Resolver:
    """Resolves the cells of one section; `library` is its tab's saved code."""

    def __init__(
        self, section: Section, references: References, library: Path | None
    ) -> None:
        self._section, self._references, self._library = section, references, library
        self._whole = list(section.tokens)
        texts = [section.text]
        if section.solution:
            self._whole += section.solution.tokens
            texts.append(section.solution.text)
        self._notes = {name: body for text in texts for name, body in _notes(text)}
        self._numbers = _note_numbers(self._whole)

    def resolve(self, text: str) -> str:
        """Return the text of a cell, with the notes that it mentions."""
        library = self._library if SAVED_FUNCTIONS in text else None
        key = self._section.path, library, text
        known = self._references.resolved
        if key not in known:
            known[key] = self._with_notes(text)
        return known[key]

    def _with_notes(self, text: str) -> str:
        resolved, notes = self._resolve(text)
        said = [
            f"<sup>[{self._numbers[name]}]</sup> {self._resolve(self._notes[name])[0]}"
            for name in dict.fromkeys(notes)
            if name in self._notes
        ]
        return "\n\n".join([resolved.strip(), *said]).strip()

    def _resolve(self, text: str) -> tuple[str, list[str]]:
        tokens = tokens_of_part(text, self._whole)
        parts = list(parts_of(text, tokens))
        notes = [
            one.token.meta["label"] for one in parts if one.token.type == "footnote_ref"
        ]
        edits = [*self._of_blocks(text, tokens), *self._of_parts(text, parts)]
        return edited(text, edits), notes

    def _of_blocks(self, text: str, tokens: Iterable[Token]) -> Iterator[Edit]:
        for token in tokens:
            if token.map and (new := self._block(token)) is not None:
                begin, end = line_span(text, *token.map)
                yield begin, end, f"{new}\n" if new else ""
            if caption := token.meta.get("caption"):
                number = self._references.caption(self._section.path, caption.content)
                first = caption.content.split("\n")[0]
                at = text.index(first, line_span(text, *caption.map)[0])
                mark = len(first) - len(first.partition(":")[2].lstrip())
                yield at, at + mark, f"{number} " if number else ""

    def _block(self, token: Token) -> str | None:
        """Return what stands in the place of a block; None: itself."""
        if token.type in ("definition", "footnote_reference_open"):
            return ""
        if token.type == "mark" and "inline" not in token.meta:
            is_list = token.meta["name"] == "bibliography"
            return self._references.bibliography() if is_list else ""
        name = fence_name(token.info) if token.type == "fence" else ""
        if name == "toc":
            page = self._section.path
            pages = [page_of(entry, page) for _, entry in toc_of(token.content).entries]
            links = [self._references.page(one, page.parent) for one in pages]
            return "\n".join(f"- {link}" for link in links)
        if name == "eval_rst":
            # Other directives say nothing to Jupyter.
            listed = SAVED_FUNCTIONS in token.content and self._library
            return _listed(listed, self._references.root) if listed else ""
        return None

    def _of_parts(self, text: str, parts: Sequence[Part]) -> Iterator[Edit]:
        for part in parts:
            if part.start is not None and part.end is not None:
                yield from self._part(text, part, part.start, part.end)
        yield from _of_emphasis(parts)

    def _part(self, text: str, part: Part, start: int, end: int) -> Iterator[Edit]:
        token = part.token
        if token.type == "role":
            is_stray = text[start - 1 : start] == " " and _WIDE.match(text, start - 2)
            yield start - bool(is_stray and start > 1), end, self._role(part)
        elif token.type == "mark":
            yield len(text[:start].rstrip(" ")), end, ""
        elif token.type == "footnote_ref":
            name = token.meta["label"]
            yield start, end, f"<sup>[{self._numbers.get(name, name)}]</sup>"
        elif token.type == "link_open" and token.info != "auto":
            address = str(token.attrs["href"])
            new = self._references.link(address, self._section.path)
            title = ""
            if part.label_end == start + 1:
                title = self._references.title(address, self._section.path)
            if new != address or title or "label" in token.meta:
                yield part.label_end, end, title + tail(token, new)
        elif token.type == "image":
            yield from _of_picture(part, start, end)

    def _role(self, part: Part) -> str:
        kind, name = part.token.meta["name"], part.token.content
        link = not part.within & {"link", "image"}
        said = self._references.text(kind, name, self._section.path.parent, link)
        return said.replace("|", r"\|") if "table" in part.within else said


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with changes; one inside another is left out."""
    parts, here = [], 0
    for start, end, new in sorted(edits, key=lambda one: (one[0], -one[1])):
        if start >= here:
            parts += [text[here:start], new]
            here = end
    return "".join([*parts, text[here:]])


def line_span(text: str, first: int, last: int) -> tuple[int, int]:
    """Return where lines of a text begin and end, their last line end included."""
    rows = text.split("\n")
    begin = sum(len(row) + 1 for row in rows[:first])
    return begin, min(begin + sum(len(row) + 1 for row in rows[first:last]), len(text))


def tail(token: Token, address: str) -> str:
    """Return what ends a link or a picture after its text."""
    title = str(token.attrs.get("title", "")).replace('"', r"\"")
    return f']({address} "{title}")' if title else f"]({address})"


def _of_picture(part: Part, start: int, end: int) -> Iterator[Edit]:
    token = part.token
    address = str(token.attrs["src"])
    path = local_path(address)
    sizes = {side: str(token.attrs.get(side, "")) for side in ("width", "height")}
    if any(sizes.values()):
        named = {"src": quote(path) if path else address, "alt": token.content}
        named |= {side: size.removesuffix("px") for side, size in sizes.items()}
        words = [f'{key}="{escape(value)}"' for key, value in named.items() if value]
        yield start, end, f"<img {' '.join(words)}>"
    elif path and (quote(path) != address or "label" in token.meta):
        yield part.label_end, end, tail(token, quote(path))


def _of_emphasis(parts: Iterable[Part]) -> Iterator[Edit]:
    """Yield tags where Jupyter would show the asterisks."""
    opened: list[Part] = []
    for part in parts:
        name, _, side = part.token.type.rpartition("_")
        if name not in _EMPHASIS or part.start is None or "image" in part.within:
            continue
        if side == "open":
            opened.append(part)
        elif opened:
            first = opened.pop()
            if first.token.meta["differs"][0] or part.token.meta["differs"][1]:
                spare = len(part.token.markup) - 1
                assert first.start is not None and part.start is not None
                yield first.start - spare, first.start + 1, f"<{name}>"
                yield part.start, part.start + 1 + spare, f"</{name}>"


def _notes(text: str) -> Iterator[tuple[str, str]]:
    """Yield the footnotes of a text: their names, and what they say."""
    rows = text.split("\n")
    for token in tokens_of(text):
        if token.type == "footnote_reference_open" and token.map:
            first, *others = rows[slice(*token.map)]
            body = [first.partition("]:")[2].strip()]
            body += [row[4:] if row.startswith("    ") else row for row in others]
            yield token.meta["label"], "\n".join(body).strip()


def _note_numbers(tokens: Iterable[Token]) -> dict[str, int]:
    """Number footnotes as the page does: those that are numbers keep theirs."""
    names = dict.fromkeys(
        child.meta["label"]
        for token in tokens
        for child in token.children or ()
        if child.type == "footnote_ref"
    )
    numbers = {name: int(name) for name in names if name.isdigit()}
    for name in names:
        if name not in numbers:
            taken = set(numbers.values())
            numbers[name] = next(n for n in range(1, len(names) + 1) if n not in taken)
    return numbers


def _listed(library: Path, root: Path) -> str:
    """Word what a module of saved code offers."""
    module = module_name(root, library)
    parts = [f"```python\n{import_of(module)}\n```"]
    for entry in read_module(library):
        parts += [f"**`{alias_of(module)}.{entry.signature}`**", entry.docstring]
        parts += ["\n".join(f"- `.{one.signature}`" for one in entry.methods)]
    return "\n\n".join(filter(None, parts))
