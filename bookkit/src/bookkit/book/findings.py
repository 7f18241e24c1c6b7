"""What is wrong with a book: one record per place, and the table of codes.

A code never changes its meaning; a rule that goes leaves a hole. The table is
printed in the contributor's guide, so each line has to stand alone.

An *error* stops a build, or makes the library or the pages say what is not so. A matter
of *style* does not: our book keeps to it, and another may do without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bookkit.errors import explain, where

CODES: Mapping[str, str] = {
    "BK101": "d2lbook would cut the file into other cells than its fences show",
    "BK102": "the file is not UTF-8",
    "BK103": "the file begins with a byte order mark",
    "BK104": "lines end with a carriage return (CRLF)",
    "BK105": "outputs are stored in the source",
    "BK106": "a code fence is never closed, or encloses nothing",
    "BK107": "the book's first page is missing, or its toc leads back to itself",
    "BK108": "a section named like something that the site has of its own",
    "BK111": "a tab that config.ini does not know",
    "BK112": "a code cell without a tab",
    "BK113": "a tab tag in the wrong place, or `all` next to other tabs",
    "BK114": "a tab block that is never closed",
    "BK115": "a tab block inside another",
    "BK116": "an `:end_tab:` that closes nothing",
    "BK117": "a `:begin_tab:` that d2lbook does not recognise",
    "BK118": "a code cell inside a tab block",
    "BK121": "an allowance for what is not found",
    "BK122": "an allowance without a reason, or of what cannot be allowed",
    "BK201": "a logical cell lacks a tab, and no note says so",
    "BK202": "a section lacks a tab altogether, and no note says so",
    "BK203": "a saved name lacks a tab",
    "BK301": "a label that exists twice, if only in another case",
    "BK302": "a reference or a link to nothing, or out of the book",
    "BK303": "a citation that the bibliography does not have",
    "BK304": "a figure whose file is missing or not of the book",
    "BK305": "a figure without alternative text",
    "BK306": "a toc entry without a file",
    "BK307": "a section that no toc leads to",
    "BK308": "the bibliography, or a cited entry of it, cannot be used",
    "BK309": "a directive that d2lbook does not know, and would drop",
    "BK310": "a declared data file that is missing or not of the book",
    "BK311": "a solution of an exercise that the section does not have",
    "BK312": "a row of a table of uses whose code is in no cell of the section",
    "BK313": "a formula that cannot be shown",
    "BK401": "a cell that is not Python",
    "BK402": "a tab character in a cell",
    "BK403": "a line of a cell that is too wide",
    "BK404": "a cell that is too long",
    "BK405": "imports that d2lbook would rewrite",
    "BK501": "`#@save` in a section's first code cell",
    "BK502": "a saved name that an alias would rewrite",
    "BK503": "`#@save` on something that cannot be saved",
    "BK504": "saved code uses a name that nothing saved or imported defines",
    "BK505": "a name that is saved twice",
    "BK506": "two sections import different things under one name",
    "BK507": "plain `d2lbook build lib` would save something else",
    "BK508": "a notebook with the saved code inside would mean something else",
    "BK509": "a module of saved code whose part written by hand cannot stay",
    "BK601": "no committed result that this machine can use in place of a run",
    "BK602": "code that is declared to fail, and does not",
    "BK603": "notebooks that `allow_errors` names together, none of which fails",
    "BK604": "a cell that is warned of a deprecation",
    "BK605": "a warning that is allowed, and does not come",
}

ERROR, STYLE, OFF = LEVELS = ("error", "style", "off")
#: Codes that are a matter of style unless config.ini says otherwise, and why.
STYLE_CODES = frozenset(
    # d2lbook's normal form: such a cell belongs to the first tab
    {"BK112"}
    # A tab may lack what another has: its notebook and its page say less, nothing wrong
    | {"BK201", "BK202", "BK203"}
    # It is read and shown all the same
    | {"BK104", "BK105", "BK305", "BK307"}
    # The form of code
    | {"BK402", "BK403", "BK404", "BK405"}
    # Only plain d2lbook would do otherwise; bookkit saves what the text says
    | {"BK501", "BK507"}
    # More is allowed than has to be
    | {"BK121", "BK603", "BK605"}
    # What runs today may not run with the next release
    | {"BK604"}
)

#: Kinds of warning that a book may forbid: what they are about works today.
WARNINGS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
#: What a run finds, which may be another thing on another machine.
OF_A_RUN = frozenset({"BK602", "BK603", "BK604", "BK605"})
#: Of a file with one of these nobody knows where its cells and tabs end.
UNREADABLE = frozenset(
    {"BK101", "BK102", "BK106", "BK114", "BK115", "BK116", "BK117", "BK118"}
)

#: What a draft lacks: while it is written, that stops no build.
COVERAGE = frozenset({"BK201", "BK202", "BK203"})


@dataclass(frozen=True)
class Finding:
    """One thing to repair; `line` counts from 1 in the `.md` itself.

    `next` completes the sentence "to repair it, ...", or is a command to run. `level`
    is that of its code in this book.
    """

    code: str
    path: PurePosixPath
    line: int
    tab: str | None
    found: str
    expected: str
    next: str = ""
    level: str = ERROR

    def __str__(self) -> str:
        """Word the finding the way every error is worded."""
        place = where(self.path, self.line, self.tab)
        code = self.code if self.level == ERROR else f"{self.code} ({self.level})"
        return explain(place, f"{code} {self.found}", self.expected, self.next)

    @property
    def order(self) -> tuple[str, int, str, str]:
        """Return what findings are sorted by: place first, then code."""
        return str(self.path), self.line, self.code, self.tab or ""
