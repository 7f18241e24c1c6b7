"""What a command's JSON document says of checks and runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bookkit.document import Document

if TYPE_CHECKING:
    from bookkit.book.config import Config
    from bookkit.book.findings import Finding
    from bookkit.book.judge import Verdict
    from bookkit.book.source import Section
    from bookkit.run.execute import Listener
    from bookkit.run.plan import Job
    from bookkit.run.results import Result


def tell_results(document: Document) -> Listener:
    """Return who hears of notebooks as they end: some may never do."""
    from bookkit.run.report import as_json

    def heard(job: Job, result: Result | None) -> None:
        for row in as_json([result] if result else []):
            document.add("notebooks", row)

    document.put("notebooks", [])
    return heard


def tell_run(
    document: Document,
    config: Config,
    sections: Sequence[Section],
    results: Sequence[Result],
) -> None:
    """Tell of a run that is complete, in the order of the book."""
    from bookkit.run.expected import findings_of
    from bookkit.run.report import as_json

    document.put("notebooks", as_json(results))
    found = _rows(findings_of(config, sections, results))
    document.put("findings", [*document.content.get("findings", ()), *found])


def tell_check(document: Document, verdict: Verdict, notices: Sequence[str]) -> None:
    """Tell what the checks found; what is known already is only counted."""
    document.put("findings", _rows(verdict.new))
    document.put("known", verdict.known)
    document.put("gone", verdict.gone)
    document.put("notices", [*notices, *verdict.notices])


def _rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [{**vars(one), "path": str(one.path)} for one in findings]
