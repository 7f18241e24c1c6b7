"""Commands of who reads the book: the site and the contents, made and served."""

from __future__ import annotations

import click

from bookkit import workflow
from bookkit.cli.group import cli
from bookkit.cli.options import DOCUMENT, JSON, RUN_OPTIONS, config_of, with_options
from bookkit.run.options import Options

_ADDRESS_OPTIONS = [
    click.option(
        "--port", type=click.IntRange(0, 65535), default=8000, show_default=True
    ),
    click.option("--host", default="127.0.0.1", show_default=True),
]


@cli.command()
@JSON
@with_options(RUN_OPTIONS)
@click.pass_context
def build(
    context: click.Context, again: bool, spawn: bool, jobs: int, store: str | None
) -> None:
    """Check, run every notebook, extract the library, build the site."""
    options = Options(slots=jobs, again=again, prefork=not spawn)
    verbose = context.obj["verbose"]
    workflow.build(config_of(context, store), options, verbose, document=DOCUMENT)


@cli.command()
@with_options(_ADDRESS_OPTIONS)
@click.pass_context
def serve(context: click.Context, port: int, host: str) -> None:
    """Serve the site, and rebuild it whenever a source is saved."""
    from bookkit.serve import session

    given = context.obj
    config = config_of(context)
    session.serve(config, given["tabs"], host, port, given["verbose"], click.echo)


@cli.command()
@with_options(_ADDRESS_OPTIONS)
@click.pass_context
def read(context: click.Context, port: int, host: str) -> None:
    """Serve the site that is built, with cells that readers can run."""
    from bookkit.serve import session

    session.read(config_of(context), host, port, click.echo)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def lab(context: click.Context, words: tuple[str, ...]) -> None:
    """Open JupyterLab on the book's contents, with a kernel for each tab.

    WORDS are options of JupyterLab, e.g. `--no-browser --port 8889`.
    """
    workflow.lab(config_of(context), words)
