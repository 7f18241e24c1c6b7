"""Commands of who writes the book: sources judged, notebooks run and explained."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

import click

from bookkit import workflow
from bookkit.cli.group import cli
from bookkit.cli.options import DOCUMENT, JSON, RUN_OPTIONS, config_of, with_options
from bookkit.run.options import Options


@cli.command()
@click.option("--dry-run", is_flag=True, help="Tell all, and write nothing.")
@click.pass_context
def adopt(context: click.Context, dry_run: bool) -> None:
    """Take over a book of d2lbook's: write the few things that it lacks."""
    from bookkit.adopt import adopt

    for line in adopt(config_of(context), dry_run):
        click.echo(line)


@cli.command()
@JSON
@click.option(
    "--coverage-in",
    "document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Renew the table of logical cells in this Markdown file, too.",
)
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Make what is found now the known findings: they stop no build.",
)
@click.pass_context
def check(context: click.Context, document: Path | None, write_baseline: bool) -> None:
    """Check the sources without running them; print section by tab, cells each."""
    config = config_of(context)
    if write_baseline:
        workflow.accept_findings(config)
    sections = workflow.check(config, only_errors=False, document=DOCUMENT)
    workflow.coverage(config, document, sections)


@cli.command()
@click.argument("sections", nargs=-1)
@JSON
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the results to this file as JUnit XML, too.",
)
@click.option("--cluster", metavar="ADDRESS", help="Run on this Dask scheduler.")
@click.option(
    "--cluster-wait",
    metavar="SECONDS",
    default=10.0,
    show_default=True,
    help="How long to wait for a worker that has what a notebook needs.",
)
@with_options(RUN_OPTIONS)
@click.pass_context
def run(
    context: click.Context,
    sections: tuple[str, ...],
    junit: Path | None,
    cluster: str | None,
    cluster_wait: float,
    again: bool,
    spawn: bool,
    jobs: int,
    store: str | None,
) -> None:
    """Run the notebooks of SECTIONS (default: all), cached ones excepted."""
    config = config_of(context, store)
    options = Options(slots=jobs, again=again, prefork=not spawn)
    with contextlib.ExitStack() as stack:
        runner = None
        if cluster:
            from bookkit.run.cluster.client import Cluster

            verbose = context.obj["verbose"]
            runner = stack.enter_context(Cluster(cluster, cluster_wait, verbose))
        workflow.run(config, sections, options, junit, runner, DOCUMENT)


@cli.command()
@click.argument("sections", nargs=-1)
@click.option("--tab", "tabs", multiple=True, help="Only this tab; may be repeated.")
@JSON
@click.pass_context
def explain(
    context: click.Context,
    sections: tuple[str, ...],
    tabs: tuple[str, ...],
) -> None:
    """Tell which notebooks of SECTIONS (default: all) would run, and why."""
    if tabs:
        context.obj["tabs"] = list(tabs)
    explained = workflow.explanations(config_of(context), sections)
    DOCUMENT.put("notebooks", [dataclasses.asdict(one) for one in explained])
    click.echo("\n".join(map(str, explained)) or "There is nothing to run.")


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Fail if it is stale.")
@click.pass_context
def lib(context: click.Context, only_check: bool) -> None:
    """Extract the saved functions into the library."""
    workflow.lib(config_of(context), only_check=only_check)


@cli.command()
@click.option("--accept", is_flag=True, help="Make those of now the published ones.")
@click.pass_context
def addresses(context: click.Context, accept: bool) -> None:
    """Tell which published addresses lead nowhere on the site as it was built."""
    workflow.addresses(config_of(context), accept)
