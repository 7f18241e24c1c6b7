"""The one way every message is worded, and the exit code each kind gives."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from bookkit import errors


def test_a_place_has_as_much_as_is_known() -> None:
    path = PurePosixPath("a/b.md")
    assert errors.where(path) == "a/b.md"
    assert errors.where(path, 12) == "a/b.md:12"
    assert errors.where(path, 12, "beta") == "a/b.md:12 [beta]"


def test_a_message_has_a_line_for_each_thing_it_says() -> None:
    assert errors.explain("a.md:1", "x", "y", "make") == (
        "a.md:1: x\n  expected: y\n  next: make"
    )
    assert errors.explain("a.md:1", "x", run="make") == "a.md:1: x\n  next: make"
    assert errors.explain("", "x") == "x"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.ConfigError, 2),
        (errors.EnvironmentFailure, 2),
        (errors.BookFailure, 1),
        (errors.SourceError, 1),
        (errors.RunFailure, 1),
        (errors.SiteError, 1),
    ],
)
def test_each_kind_of_error_has_its_exit_code(
    kind: type[errors.BookkitError], code: int
) -> None:
    assert issubclass(kind, errors.BookkitError)
    assert kind.exit_code == code
    assert f"{kind.__name__} " in (errors.__doc__ or "")
