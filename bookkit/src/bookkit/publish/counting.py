"""How Sphinx numbers a book: sections by their place in `:numbered:` tocs; figures,
tables and equations by the section that they are in, cut to its first levels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from markdown_it.token import Token

from bookkit.book.config import Config
from bookkit.book.markdown import title_of
from bookkit.book.source import Section, notebook_of
from bookkit.book.toc import Toc, fence_name, page_of, toc_of
from bookkit.book.weaving import with_code, woven

Number = tuple[int, ...]
_EVERY_LEVEL = 999
_FOLDED = ("tab_group", "solution")


@dataclass(frozen=True)
class Numbered:
    """Something that a label may name: `kind` is section, figure, table or equation."""

    kind: str
    page: PurePosixPath
    token: Token
    number: Number
    title: str = ""


@dataclass
class _Heading:
    token: Token
    title: str
    inside: list[_Heading | Toc] = field(default_factory=list)


class Counting:
    """The numbers of all sections of a book."""

    def __init__(self, config: Config, sections: Sequence[Section]) -> None:
        self._config = config
        self._depth = int(str(config.sphinx.get("numfig_secnum_depth", 2)))
        self._all_formulas = bool(config.sphinx.get("math_number_all", True))
        self._pages = {
            one.path: list(_with_headings(page_tokens(config, one))) for one in sections
        }
        self._headings: dict[int, Number] = {}
        self.parents: dict[PurePosixPath, PurePosixPath] = {}
        self._number_sections()
        self.found: list[Numbered] = []
        self._seen: set[PurePosixPath] = set()
        self._counts: Counter[tuple[str, Number]] = Counter()
        self._walk(PurePosixPath(f"{config.index}.md"), ())
        for path in self._pages:
            self._walk(path, None)

    def title(self, path: PurePosixPath) -> Number:
        """Return the number of a page."""
        heads = [one for one in self._pages.get(path, ()) if isinstance(one, _Heading)]
        return self._headings.get(id(heads[0].token), ()) if heads else ()

    def _number_sections(self) -> None:
        assigned: set[PurePosixPath] = set()
        for path, parts in self._pages.items():
            for toc in (one for one in parts if isinstance(one, Toc)):
                for _, entry in toc.entries:
                    self.parents.setdefault(page_of(entry, path), path)
        for path, parts in self._pages.items():
            for toc in (one for one in parts if isinstance(one, Toc) and one.numbered):
                assigned.add(path)
                self._enter(toc, path, toc.depth or _EVERY_LEVEL, [0], assigned)

    def _enter(
        self,
        toc: Toc,
        page: PurePosixPath,
        depth: int,
        numbers: list[int],
        assigned: set[PurePosixPath],
    ) -> None:
        for _, entry in toc.entries if depth > 0 else ():
            child = page_of(entry, page)
            if child in self._pages and child not in assigned:
                assigned.add(child)
                tree = _tree(self._pages[child])
                self._number(tree, child, depth, numbers, assigned)

    def _number(
        self,
        parts: Sequence[_Heading | Toc],
        page: PurePosixPath,
        depth: int,
        numbers: list[int],
        assigned: set[PurePosixPath],
    ) -> None:
        for part in parts:
            if isinstance(part, Toc):
                self._enter(part, page, depth, numbers, assigned)
                continue
            numbers[-1] += 1
            if depth > 0:
                self._headings[id(part.token)] = tuple(numbers)
            if part.inside:
                numbers.append(0)
                self._number(part.inside, page, depth - 1, numbers, assigned)
                numbers.pop()

    def _walk(self, page: PurePosixPath, number: Number | None) -> None:
        """Count on a page and those below it; None: no toc leads there."""
        if page in self._seen or page not in self._pages:
            return
        self._seen.add(page)
        is_counted, above = number is not None, [(0, number or ())]
        for part in self._pages[page]:
            if isinstance(part, Toc):
                for _, entry in part.entries if is_counted else ():
                    self._walk(page_of(entry, page), above[-1][1])
            elif isinstance(part, _Heading):
                level = int(part.token.tag[1])
                while above[-1][0] >= level:
                    above.pop()
                own = self._headings.get(id(part.token), ())
                above.append((level, own or above[-1][1]))
                self.found.append(
                    Numbered("section", page, part.token, own, part.title)
                )
            else:
                kind, counts = self._kind(part)
                own = ()
                if kind and counts and is_counted:
                    within = above[-1][1][: self._depth]
                    self._counts[kind, within] += 1
                    own = (*within, self._counts[kind, within])
                if kind:
                    self.found.append(Numbered(kind, page, part, own, _title(part)))

    def _kind(self, token: Token) -> tuple[str, bool]:
        """Return what Sphinx counts a token as, and whether it does."""
        if token.type == "figure":
            (image,) = token.children or []
            return "figure", bool(image.children)
        if token.type == "table_open":
            return "table", "caption" in token.meta
        if token.type in ("math_block", "amsmath"):
            return "equation", self._all_formulas or "label" in token.meta
        return "", False


def _title(token: Token) -> str:
    """Return the caption of a figure or of a table."""
    if token.type == "figure":
        return (token.children or [])[0].content
    caption = token.meta.get("caption")
    return caption.content.partition(":")[2].strip() if caption else ""


def page_tokens(config: Config, section: Section) -> list[Token]:
    """Return the tokens of a section as its page has them."""
    names = [tab.name for tab in config.tabs]
    tabs = [tab for tab in names if notebook_of(section, tab, config) is not None]

    def read(part: Section | None) -> Iterator[Token]:
        code = [
            {tab: {"source": tab, "outputs": ()} for tab in tabs if cell.shown_in(tab)}
            for cell in (part.code if part else ())
        ]
        yield from with_code(part.tokens, code) if part else ()

    return woven(read(section), read(section.solution), tabs, names)


def _with_headings(tokens: Sequence[Token]) -> Iterator[Token | _Heading | Toc]:
    """Yield what is counted, with headings and tocs; headings in a box are none."""
    boxes = 0
    for at, token in enumerate(tokens):
        name, _, side = token.type.rpartition("_")
        if name in _FOLDED:
            boxes += 1 if side == "open" else -1
        elif token.type == "heading_open" and not token.level and not boxes:
            yield _Heading(token, title_of(tokens[at + 1]))
        elif token.type == "fence" and fence_name(token.info) == "toc":
            yield toc_of(token.content)
        else:
            yield token


def _tree(parts: Sequence[Token | _Heading | Toc]) -> list[_Heading | Toc]:
    """Return headings and tocs, those of a section inside its heading."""
    top: list[_Heading | Toc] = []
    above: list[tuple[int, list[_Heading | Toc]]] = [(0, top)]
    for part in parts:
        if isinstance(part, _Heading):
            level = int(part.token.tag[1])
            while above[-1][0] >= level:
                above.pop()
            part.inside = []
            above[-1][1].append(part)
            above.append((level, part.inside))
        elif isinstance(part, Toc):
            above[-1][1].append(part)
    return top


def by_label(found: Sequence[Numbered]) -> Mapping[str, Numbered]:
    """Return what each label names."""
    labels: dict[str, Numbered] = {}
    for one in found:
        own = [*one.token.meta.get("labels", ()), one.token.meta.get("label")]
        labels.update({label: one for label in own if label and label not in labels})
    return labels
