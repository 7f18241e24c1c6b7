"""What one tab saves, as the rest of this room hands it around."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bookkit.book.config import Tab
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.book.syntax import Binding
from bookkit.library.code import Code
from bookkit.library.head import Head

Place = tuple[PurePosixPath, int]


@dataclass(frozen=True, kw_only=True)
class Saved(Code):
    """One saved statement; `source` is the author's text without the mark.

    `owner` is the class that a function is joined to. Of a class that methods are
    joined to, `bare` is what it had without them.
    """

    section: Section
    cell: int  # index into `section.cells`
    line: int
    owner: str | None = None
    bare: str = ""
    methods: tuple[Saved, ...] = ()

    @property
    def place(self) -> Place:
        return self.section.path, self.line


@dataclass
class Library:
    """Everything one tab saves, in reading order, and what is wrong with it.

    `guards` are statements that import in one of several ways, for the saved code.
    """

    tab: Tab
    module: str  # dotted, for example "d2l.torch"
    head: Head = field(default_factory=Head)
    guards: list[Code] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    aliases: list[Code] = field(default_factory=list)
    imports: dict[str, Binding] = field(default_factory=dict)  # by statement
    self_names: set[str] = field(default_factory=set)  # names the module has for itself
    problems: list[Finding] = field(default_factory=list)

    @property
    def pieces(self) -> list[Code]:
        """Return all code of the module but its imports, in its order."""
        return [*self.head.pieces, *self.guards, *self.saved, *self.aliases]

    def names(self) -> list[str]:
        """Return what the module offers."""
        offered = [*self.head.pieces, *self.saved, *self.aliases]
        return list(dict.fromkeys(name for one in offered for name in one.names))

    def report_head(self, found: str, expected: str, line: int = 1) -> None:
        """Report what is wrong with the author's part of the module."""
        path = PurePosixPath(f"{self.module.replace('.', '/')}.py")
        self.report("BK509", (path, line), found, expected)

    def report(self, code: str, place: Place, found: str, expected: str) -> None:
        self.problems.append(Finding(code, *place, self.tab.name, found, expected))


@dataclass
class Scope:
    """What the cells of one section define besides the saved code."""

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    guards: dict[str, Code] = field(default_factory=dict)  # by name
    unsaved: dict[str, int] = field(default_factory=dict)  # name -> line
