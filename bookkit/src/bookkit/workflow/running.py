"""Commands that run notebooks, or tell what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bookkit.book.config import Config
from bookkit.document import Document
from bookkit.errors import UsageError, explain, or_nearest
from bookkit.run.options import Options
from bookkit.workflow.common import locked, say

if TYPE_CHECKING:
    from bookkit.book.source import Section
    from bookkit.run.cluster.client import Cluster
    from bookkit.run.explain import Explanation
    from bookkit.run.results import Result


def run(
    config: Config,
    wanted: Sequence[str],
    options: Options,
    junit: Path | None = None,
    cluster: Cluster | None = None,
    document: Document | None = None,
) -> list[Result]:
    """Run some sections, or all. `junit` is written whatever happens.

    Raises:
        RunFailure: a notebook failed, or was to.
    """
    from bookkit.book.last_good import problems_of, read_all
    from bookkit.run import committed
    from bookkit.run.declared import describe
    from bookkit.run.execute import Run
    from bookkit.run.follow import failure_of, follow
    from bookkit.run.plan import plan
    from bookkit.workflow.told import tell_results, tell_run

    with locked(config):
        sections = read_all(config)
        chosen = _chosen(sections, wanted, "bookkit run")
        jobs = plan(config, sections, gpus=cluster.gpu_names() if cluster else None)
        jobs = [job for job in jobs if job.section in chosen]
        begun = Run(config, jobs, options, cluster.run if cluster else None)
        hear = [tell_results(document)] if document else []
        results = follow(config, sections, begun, hear, junit=junit)
    if document:
        tell_run(document, config, sections, results)
    say(describe([job.not_run for job in jobs]))
    say(committed.describe(config, results))
    say(problems_of(chosen).values())
    if failure := failure_of(config, chosen, results, whole=sections):
        raise failure
    return results


def explanations(config: Config, wanted: Sequence[str]) -> list[Explanation]:
    """Tell what a run would do with some sections, or all, and why.

    Raises:
        UsageError: `wanted` names a section the book does not have.
    """
    from bookkit.book.last_good import read_all
    from bookkit.run.explain import explain_notebooks

    sections = read_all(config)
    chosen = _chosen(sections, wanted, "bookkit explain")
    return explain_notebooks(config, sections, chosen)


def _chosen(
    sections: Sequence[Section], wanted: Sequence[str], command: str
) -> list[Section]:
    known = {str(section.path): section for section in sections}
    for name in wanted:
        if name not in known:
            expected = or_nearest(f"one of {', '.join(known)}", name, known)
            raise UsageError(explain(name, "no such section", expected, command))
    return [known[name] for name in wanted] or list(sections)
