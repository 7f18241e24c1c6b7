"""How a command line ends: errors said, exit codes, the JSON document written."""

from __future__ import annotations

import contextlib
import sys
import traceback

import click

from bookkit import ends, temporary
from bookkit.cli.group import cli
from bookkit.cli.options import DOCUMENT
from bookkit.document import asked, unambiguous
from bookkit.errors import (
    BookFailure,
    BookkitError,
    ConfigError,
    EnvironmentFailure,
    UsageError,
    blame_machine,
)

EXIT_BUG = 3
EXIT_INTERRUPTED = 130
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
        DOCUMENT.finish(status, kind, error)
    except BrokenPipeError:
        pass  # nobody reads it
    except OSError as unwritten:
        click.echo(f"error: {blame_machine(unwritten) or unwritten}", err=True)
        return 2
    return status


def _begin_late(words: list[str]) -> None:
    """Begin the document of a command whose words could not be read to their end."""
    target = asked(words)
    if target is not None and not DOCUMENT.begun:
        command = next(word for word in words if word in _WITH_JSON)
        with contextlib.suppress(UsageError):
            DOCUMENT.begin(command, target)


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
