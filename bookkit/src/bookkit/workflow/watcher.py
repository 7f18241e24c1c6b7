"""Who writes a book follows its builds: told of each step as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bookkit.errors import BookFailure

if TYPE_CHECKING:
    from bookkit.book.findings import Finding
    from bookkit.run.plan import Job
    from bookkit.run.results import Result


class Watcher:
    """Hears of a build as it goes; its pages are there before the rest is written.

    It is for books that are being written: what a draft lacks are `warnings`. `jobs`
    says how many notebooks there are.
    """

    warnings: Sequence[Finding] = ()
    jobs: int = 0

    def heard(self, job: Job, result: Result | None) -> None:
        """Hear of a notebook that begins, without a result, or has ended."""

    def making(self) -> None:
        """Hear that all notebooks are there, and pages are made."""

    def shown(self, failure: BookFailure | None) -> None:
        """Hear that the pages are there, and what of the notebooks is not."""
