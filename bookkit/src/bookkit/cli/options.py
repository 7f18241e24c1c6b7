"""What commands have in common: options, the configuration, the JSON document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click

from bookkit.document import STDOUT, Document

#: What a command tells of itself; it is written where `--json` says so.
DOCUMENT = Document()


def config_of(context: click.Context, store: str | None = None) -> Any:
    """Return the configuration of the book that the command line names."""
    from bookkit.book.config import load

    config = load(context.obj["root"].resolve(), context.obj["tabs"])
    if store is None:
        return config
    return replace(config, store=replace(config.store, url=store))


def _begin_document(
    context: click.Context, option: click.Parameter, target: str | None
) -> None:
    if target is not None:
        DOCUMENT.begin(str(context.info_name), target)


JSON = click.option(
    "--json",
    is_flag=False,
    flag_value=STDOUT,
    metavar="[FILE]",
    is_eager=True,
    expose_value=False,
    callback=_begin_document,
    help="Tell it as one JSON document: alone on stdout, or in FILE.",
)
RUN_OPTIONS = [
    click.option("--again", is_flag=True, help="Run even what is cached."),
    click.option("--spawn", is_flag=True, help="Start every kernel anew, no prefork."),
    click.option("-j", "--jobs", default=0, help="Notebooks at a time; 0: cores + 1."),
    click.option("--store", help="Share results there, not where config.ini says."),
]


def with_options(options: Sequence[Any]) -> Callable[[Any], Any]:
    """Give a command options, which `--help` lists in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
