"""A run as a person follows it: progress, the table, failures, files of its results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.findings import ERROR
from bookkit.book.last_good import problems_of
from bookkit.book.source import Section
from bookkit.errors import BookFailure, RunFailure, SourceError
from bookkit.files import write_whole
from bookkit.run import report, schedule
from bookkit.run.execute import Listener, Run
from bookkit.run.expected import findings_of
from bookkit.run.junit import junit_text
from bookkit.run.plan import Job
from bookkit.run.progress import RunProgress
from bookkit.run.results import Result


def follow(
    config: Config,
    sections: Sequence[Section],
    begun: Run,
    listeners: Sequence[Listener] = (),
    junit: Path | None = None,
) -> list[Result]:
    """Finish a run while telling of it and of failures.

    `junit` is written in any case.
    """
    screen = report.console()
    slots = begun.options.slots or schedule.usual_slots()
    with RunProgress(screen, begun.jobs, begun.history, slots) as progress:
        every_listener: list[Listener] = [progress, *listeners]

        def listen(job: Job, result: Result | None) -> None:
            for listener in every_listener:
                listener(job, result)

        results = begun.finish(listen)
    rows = json.dumps(report.as_json(results), ensure_ascii=False, indent=1)
    write_whole(config.output / "report.json", rows)
    findings = findings_of(config, sections, results)
    if junit is not None:
        write_whole(junit, junit_text(sections, results, findings))
    for text in _failures(config, sections, results):
        screen.print(f"\n{text}\n", markup=False)
    if results:
        screen.print(report.run_table(config, sections, results, findings))
    for finding in findings:
        screen.print(str(finding), markup=False)
    return results


def failure_of(
    config: Config,
    sections: Sequence[Section],
    results: Sequence[Result],
    then: str = "",
    whole: Sequence[Section] | None = None,
) -> BookFailure | None:
    """Return the error of a run that lacks something; `then` is said of what failed.

    `sections` are the `whole` book where nothing else is said.
    """
    failures, unread = _failures(config, sections, results), problems_of(sections)
    findings = findings_of(config, whole or sections, results)
    errors = [str(one) for one in findings if one.level == ERROR]
    said = []
    if failures:
        told = f"{len(failures)} of {len(results)} notebooks failed, told above{then}"
        said.append(told)
    if errors:
        noun = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        said.append(f"{noun} in what was run, told above")
    if unread:
        files = "1 file" if len(unread) == 1 else f"{len(unread)} files"
        told = f"{files} could not be read, told above; what was last read is shown"
        said.append(told)
    shown = [*failures, *errors, *unread.values()]
    kind = RunFailure if failures or errors else SourceError
    return kind("\n".join(said), shown) if said else None


def _failures(
    config: Config, sections: Sequence[Section], results: Sequence[Result]
) -> list[str]:
    by_path = {str(section.path): section for section in sections}
    failed = [result for result in results if result.failed]
    return [report.failure_text(config, by_path[one.section], one) for one in failed]
