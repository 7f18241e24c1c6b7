"""The command line: parse, call one function, print, return an exit code.

0 clean, 1 the book has findings, 2 usage or configuration, 3 a bug of ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bookkit import __version__, ends, temporary, workflow
from bookkit.document import STDOUT, Document, asked, unambiguous
from bookkit.errors import (
    BookFailure,
    BookkitError,
    ConfigError,
    EnvironmentFailure,
    UsageError,
    blame_machine,
)
from bookkit.run.options import Options

EXIT_BUG = 3
EXIT_INTERRUPTED = 130
#: What a command tells of itself; it is written where `--json` says so.
_DOCUMENT = Document()


def _tab_names(
    context: click.Context, option: click.Parameter, value: str
) -> list[str]:
    return value.replace(",", " ").split()


#: Every command is in one of these, as every target of a Makefile should be.
GROUPS = {
    "Read": "build serve read lab",
    "Write": "adopt check run explain lib addresses",
    "Publish": "notebooks publish-notebooks course d2lbook archive",
    "Set up": "environments lock cache worker",
}


class _Grouped(click.Group):
    """Lists its commands in groups, and says of each all that is to be said."""

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands, a list for each group."""
        for title, names in GROUPS.items():
            found = [(name, self.commands[name]) for name in names.split()]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, one.get_short_help_str(999)) for name, one in found]
                )


@click.group(cls=_Grouped, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bookkit")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("."),
    help="The book's folder, the one with config.ini.",
)
@click.option(
    "--tabs",
    default="",
    callback=_tab_names,
    help="Only these tabs, e.g. pytorch,mxnet. Default: all of config.ini.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show what d2lbook and Sphinx say.")
@click.pass_context
def cli(context: click.Context, root: Path, tabs: list[str], verbose: bool) -> None:
    """Build, run and prove a multi-framework book in d2lbook's format."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s: %(message)s")
    context.obj = {"root": root, "tabs": tabs, "verbose": verbose}


def _config(context: click.Context, store: str | None = None) -> Any:
    from bookkit.book.config import load

    config = load(context.obj["root"].resolve(), context.obj["tabs"])
    if store is None:
        return config
    return replace(config, store=replace(config.store, url=store))


def _begin_document(
    context: click.Context, option: click.Parameter, target: str | None
) -> None:
    if target is not None:
        _DOCUMENT.begin(str(context.info_name), target)


_JSON = click.option(
    "--json",
    is_flag=False,
    flag_value=STDOUT,
    metavar="[FILE]",
    is_eager=True,
    expose_value=False,
    callback=_begin_document,
    help="Tell it as one JSON document: alone on stdout, or in FILE.",
)
_RUN_OPTIONS = [
    click.option("--again", is_flag=True, help="Run even what is cached."),
    click.option("--spawn", is_flag=True, help="Start every kernel anew, no prefork."),
    click.option("-j", "--jobs", default=0, help="Notebooks at a time; 0: cores + 1."),
    click.option("--store", help="Share results there, not where config.ini says."),
]


def _with(options: Sequence[Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@cli.command()
@click.option("--dry-run", is_flag=True, help="Tell all, and write nothing.")
@click.pass_context
def adopt(context: click.Context, dry_run: bool) -> None:
    """Take over a book of d2lbook's: write the few things that it lacks."""
    from bookkit.adopt import adopt

    for line in adopt(_config(context), dry_run):
        click.echo(line)


@cli.command()
@_JSON
@_with(_RUN_OPTIONS)
@click.pass_context
def build(
    context: click.Context, again: bool, spawn: bool, jobs: int, store: str | None
) -> None:
    """Check, run every notebook, extract the library, build the site."""
    options = Options(slots=jobs, again=again, prefork=not spawn)
    verbose = context.obj["verbose"]
    workflow.build(_config(context, store), options, verbose, document=_DOCUMENT)


@cli.command()
@click.argument("sections", nargs=-1)
@_JSON
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
@_with(_RUN_OPTIONS)
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
    config = _config(context, store)
    options = Options(slots=jobs, again=again, prefork=not spawn)
    with contextlib.ExitStack() as stack:
        runner = None
        if cluster:
            from bookkit.run.cluster.client import Cluster

            verbose = context.obj["verbose"]
            runner = stack.enter_context(Cluster(cluster, cluster_wait, verbose))
        workflow.run(config, sections, options, junit, runner, _DOCUMENT)


@cli.command()
@click.argument("address")
@click.option("-j", "--slots", default=0, help="Notebooks at a time; 0: one a core.")
@click.pass_context
def worker(context: click.Context, address: str, slots: int) -> None:
    """Run notebooks for the Dask scheduler at ADDRESS until it is stopped."""
    from bookkit.run.cluster.worker import serve

    serve(_config(context), address, slots, click.echo, context.obj["verbose"])


@cli.command()
@click.argument("sections", nargs=-1)
@click.option("--tab", "tabs", multiple=True, help="Only this tab; may be repeated.")
@_JSON
@click.pass_context
def explain(
    context: click.Context,
    sections: tuple[str, ...],
    tabs: tuple[str, ...],
) -> None:
    """Tell which notebooks of SECTIONS (default: all) would run, and why."""
    if tabs:
        context.obj["tabs"] = list(tabs)
    explained = workflow.explanations(_config(context), sections)
    _DOCUMENT.put("notebooks", [dataclasses.asdict(one) for one in explained])
    click.echo("\n".join(map(str, explained)) or "There is nothing to run.")


@cli.command()
@click.option("--prune", is_flag=True, help="Remove results not used for long.")
@click.option("--max-size", metavar="SIZE", help="Prune to at most this, e.g. 500MB.")
@click.option("--max-age", metavar="AGE", help="Prune what is older, e.g. 30d.")
@click.pass_context
def cache(
    context: click.Context, prune: bool, max_size: str | None, max_age: str | None
) -> None:
    """Tell how many results are kept, how large and how useful; or prune them."""
    from bookkit.run.cache import describe

    config = _config(context)
    if prune:
        click.echo(describe.prune(config, max_size, max_age))
    elif max_size or max_age:
        raise click.UsageError("--max-size and --max-age go with --prune")
    click.echo("\n".join(describe.describe(config)))


@cli.command()
@_JSON
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
    config = _config(context)
    if write_baseline:
        workflow.accept_findings(config)
    sections = workflow.check(config, only_errors=False, document=_DOCUMENT)
    workflow.coverage(config, document, sections)


@cli.command()
@click.option("--accept", is_flag=True, help="Make those of now the published ones.")
@click.pass_context
def addresses(context: click.Context, accept: bool) -> None:
    """Tell which published addresses lead nowhere on the site as it was built."""
    workflow.addresses(_config(context), accept)


@cli.command()
@click.pass_context
def archive(context: click.Context) -> None:
    """Pack the built site for reading offline, and offer it on its first page."""
    workflow.archive(_config(context))


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Fail if it is stale.")
@click.pass_context
def lib(context: click.Context, only_check: bool) -> None:
    """Extract the saved functions into the library."""
    workflow.lib(_config(context), only_check=only_check)


@cli.command()
@click.pass_context
def course(context: click.Context) -> None:
    """Write what a teacher hands out: notebooks with points, and a rubric."""
    workflow.course(_config(context))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def d2lbook(context: click.Context, words: tuple[str, ...]) -> None:
    """Run plain d2lbook on a copy of the book, with our outputs.

    WORDS are a command of d2lbook, e.g. `build pkg --tab all`. Default:
    `build html --tab all`.
    """
    workflow.plain(_config(context), words)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--kernels", is_flag=True, help="Name this machine's kernel of each tab.")
@click.pass_context
def notebooks(context: click.Context, folder: Path | None, kernels: bool) -> None:
    """Write the notebooks for learners into FOLDER (default: _build/notebooks)."""
    workflow.notebooks(_config(context), folder, kernels=kernels)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def lab(context: click.Context, words: tuple[str, ...]) -> None:
    """Open JupyterLab on the book's contents, with a kernel for each tab.

    WORDS are options of JupyterLab, e.g. `--no-browser --port 8889`.
    """
    workflow.lab(_config(context), words)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--commit", is_flag=True, help="Commit what changed.")
@click.pass_context
def publish_notebooks(context: click.Context, folder: Path, commit: bool) -> None:
    """Fill FOLDER, a clone of a repository under [colab], with its notebooks."""
    workflow.publish_notebooks(_config(context), folder, commit)


_ADDRESS_OPTIONS = [
    click.option(
        "--port", type=click.IntRange(0, 65535), default=8000, show_default=True
    ),
    click.option("--host", default="127.0.0.1", show_default=True),
]


@cli.command()
@_with(_ADDRESS_OPTIONS)
@click.pass_context
def read(context: click.Context, port: int, host: str) -> None:
    """Serve the site that is built, with cells that readers can run."""
    from bookkit.serve import session

    session.read(_config(context), host, port, click.echo)


@cli.command()
@_with(_ADDRESS_OPTIONS)
@click.pass_context
def serve(context: click.Context, port: int, host: str) -> None:
    """Serve the site, and rebuild it whenever a source is saved."""
    from bookkit.serve import session

    given = context.obj
    config = _config(context)
    session.serve(config, given["tabs"], host, port, given["verbose"], click.echo)


@cli.command()
@click.option("--python", default="", help="With this version where possible: 3.12.")
@click.option(
    "--gpu",
    type=click.Choice(["auto", "yes", "no"]),
    default="auto",
    show_default=True,
    help="Builds for GPUs; auto: where there is one.",
)
@click.option("--again", is_flag=True, help="Make those of the tabs anew.")
@click.pass_context
def environments(context: click.Context, python: str, gpu: str, again: bool) -> None:
    """Make the environments that are missing or stale; `--again`: those of tabs."""
    from bookkit.kernels import installing

    config = _config(context)
    tabs = [tab.name for tab in config.tabs] if again else []
    installing.ensure(config, installing.wished(python, gpu, tabs))


@cli.command()
@click.option("--newest", is_flag=True, help="The newest of all, whatever is pinned.")
@click.pass_context
def lock(context: click.Context, newest: bool) -> None:
    """Renew the lock files from their `.in` files."""
    from bookkit.kernels import locks

    for path in locks.renew(_config(context), newest):
        click.echo(f"Lock: {path}")


#: Commands that can tell it as JSON.
_WITH_JSON = ("build", "check", "explain", "run")


def main() -> None:
    """Run the command line and exit."""
    sys.exit(_main())


#: Words for kinds of errors in JSON, which stay.
_KINDS = (
    (UsageError, "usage"),
    (ConfigError, "config"),
    (EnvironmentFailure, "environment"),
    (BookFailure, "book"),
    (BookkitError, "machine"),
)


def _main() -> int:
    ends.as_interrupted()
    ends.with_make()
    temporary.use()
    words = sys.argv[1:]
    if any(word in _WITH_JSON for word in words):
        words = unambiguous(words)
    status, kind, error = _run(words)
    if kind == "usage" and any(word in _WITH_JSON for word in words):
        _begin_late(words)
    try:
        _DOCUMENT.finish(status, kind, error)
    except BrokenPipeError:
        pass  # nobody reads it
    except OSError as unwritten:
        click.echo(f"error: {blame_machine(unwritten) or unwritten}", err=True)
        return 2
    return status


def _begin_late(words: list[str]) -> None:
    """Begin the document of a command whose words could not be read to their end."""
    target = asked(words)
    if target is not None and not _DOCUMENT.begun:
        command = next(word for word in words if word in _WITH_JSON)
        with contextlib.suppress(UsageError):
            _DOCUMENT.begin(command, target)


def _run(words: list[str]) -> tuple[int, str, BaseException | None]:
    """Run the command line; return the exit code, and kind and error if it failed."""
    try:
        cli(words, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _interrupted(), "interrupted", None
    except click.ClickException as error:
        error.show()
        return 2, "usage", UsageError(error.format_message())
    except click.exceptions.Exit as stop:
        return stop.exit_code, "", None
    except BookkitError as error:
        click.echo(f"error: {error}", err=True)
        kind = next(word for known, word in _KINDS if isinstance(error, known))
        return error.exit_code, kind, error
    except Exception as error:
        blamed = blame_machine(error)
        if blamed is None:
            return _bug(), "bug", error
        click.echo(f"error: {blamed}", err=True)
        return 2, "machine", UsageError(blamed)
    return 0, "", None


def _bug() -> int:
    traceback.print_exc()
    click.echo(
        "This is a bug in bookkit. Please report it with the lines above.", err=True
    )
    return EXIT_BUG


def _interrupted() -> int:
    said = "finished results are kept, the same command goes on from here"
    click.echo(f"interrupted; {said}", err=True)
    return EXIT_INTERRUPTED


if __name__ == "__main__":
    main()
