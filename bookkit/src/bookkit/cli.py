"""The command line: parse, call one function, print, return an exit code.

0 clean, 1 the book has findings, 2 usage or configuration, 3 a bug of ours.
"""

from __future__ import annotations

import errno
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from bookkit import __version__
from bookkit.errors import BookkitError

EXIT_BUG = 3
#: What the machine, not the book and not bookkit, is to blame for.
_MACHINE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
EXIT_INTERRUPTED = 130


def _tab_names(
    context: click.Context, option: click.Parameter, value: str
) -> list[str]:
    return value.replace(",", " ").split()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


def _config(context: click.Context) -> Any:
    from bookkit.config import load

    return load(context.obj["root"].resolve(), context.obj["tabs"])


_RUN_OPTIONS = [
    click.option("--again", is_flag=True, help="Run even what is cached."),
    click.option("--spawn", is_flag=True, help="Start every kernel anew, no prefork."),
    click.option("-j", "--jobs", default=0, help="Notebooks at a time; 0: one a core."),
]


def _run_options(command: Any) -> Any:
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


@cli.command()
@_run_options
@click.pass_context
def build(context: click.Context, again: bool, spawn: bool, jobs: int) -> None:
    """Check, run every notebook, extract the library, build the site."""
    from bookkit import workflow

    options = workflow.run_options(again, spawn, jobs)
    workflow.build(_config(context), options, context.obj["verbose"])


@cli.command()
@click.argument("sections", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON.")
@_run_options
@click.pass_context
def run(
    context: click.Context,
    sections: tuple[str, ...],
    as_json: bool,
    again: bool,
    spawn: bool,
    jobs: int,
) -> None:
    """Run the notebooks of SECTIONS (default: all), cached ones excepted."""
    from bookkit import report, workflow

    options = workflow.run_options(again, spawn, jobs)
    results = workflow.run(_config(context), sections, options, quiet=as_json)
    if as_json:
        click.echo(json.dumps(report.as_json(results), ensure_ascii=False, indent=1))


@cli.command()
@click.option(
    "--coverage-in",
    "document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Renew the table of logical cells in this Markdown file, too.",
)
@click.pass_context
def check(context: click.Context, document: Path | None) -> None:
    """Check the sources without running them; print section by tab, cells each."""
    from bookkit import workflow

    config = _config(context)
    workflow.check(config)
    workflow.coverage(config, document)


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Fail if it is stale.")
@click.pass_context
def lib(context: click.Context, only_check: bool) -> None:
    """Extract the saved functions into the library."""
    from bookkit import workflow

    workflow.lib(_config(context), only_check=only_check)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--kernels", is_flag=True, help="Name this machine's kernel of each tab.")
@click.pass_context
def notebooks(context: click.Context, folder: Path | None, kernels: bool) -> None:
    """Write the notebooks for learners into FOLDER (default: _build/notebooks)."""
    from bookkit import workflow

    workflow.notebooks(_config(context), folder, kernels=kernels)


@cli.command()
@click.pass_context
def lock(context: click.Context) -> None:
    """Renew the lock files from their `.in` files, and environment.yml."""
    from bookkit import locks

    for path in locks.renew(_config(context)):
        click.echo(f"Lock: {path}")


def main() -> None:
    """Run the command line and exit."""
    sys.exit(_main())


def _main() -> int:
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted()
    except KeyboardInterrupt:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except BookkitError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except Exception as error:
        if not isinstance(error, OSError) or error.errno not in _MACHINE_ERRORS:
            return _bug()
        click.echo(
            f"error: {error.filename or 'writing'}: {error.strerror}\n"
            "  next: mend that and run the same command again; finished work is kept",
            err=True,
        )
        return 2
    return 0


def _bug() -> int:
    traceback.print_exc()
    click.echo(
        "This is a bug in bookkit. Please report it with the lines above.", err=True
    )
    return EXIT_BUG


def _interrupted() -> int:
    click.echo(
        "interrupted; finished results are kept, `make` goes on from here", err=True
    )
    return EXIT_INTERRUPTED


if __name__ == "__main__":
    main()
