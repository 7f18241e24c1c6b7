"""Commands of who publishes the book: what readers and teachers take along."""

from __future__ import annotations

from pathlib import Path

import click

from bookkit import workflow
from bookkit.cli.group import cli
from bookkit.cli.options import config_of


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--kernels", is_flag=True, help="Name this machine's kernel of each tab.")
@click.pass_context
def notebooks(context: click.Context, folder: Path | None, kernels: bool) -> None:
    """Write the notebooks for learners into FOLDER (default: _build/notebooks)."""
    workflow.notebooks(config_of(context), folder, kernels=kernels)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--commit", is_flag=True, help="Commit what changed.")
@click.pass_context
def publish_notebooks(context: click.Context, folder: Path, commit: bool) -> None:
    """Fill FOLDER, a clone of a repository under [colab], with its notebooks."""
    workflow.publish_notebooks(config_of(context), folder, commit)


@cli.command()
@click.pass_context
def course(context: click.Context) -> None:
    """Write what a teacher hands out: notebooks with points, and a rubric."""
    workflow.course(config_of(context))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def d2lbook(context: click.Context, words: tuple[str, ...]) -> None:
    """Run plain d2lbook on a copy of the book, with our outputs.

    WORDS are a command of d2lbook, e.g. `build pkg --tab all`. Default:
    `build html --tab all`.
    """
    workflow.plain(config_of(context), words)


@cli.command()
@click.pass_context
def archive(context: click.Context) -> None:
    """Pack the built site for reading offline, and offer it on its first page."""
    workflow.archive(config_of(context))
