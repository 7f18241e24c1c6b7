"""Commands that messages name: those that the book has."""

from pathlib import Path

import pytest

from bookkit.book.commands import to_run

ROOT = Path(__file__).resolve().parents[2]
CALLS = {
    ("build",): ("make", "bookkit build"),
    ("lock", "alpha"): ("make lock TABS=alpha", "bookkit --tabs alpha lock"),
    ("serve", "port=8001"): ("make serve PORT=8001", "bookkit serve --port 8001"),
    ("run", "alpha", "section=a/b.md", "again=1"): (
        "make run SECTION=a/b.md TABS=alpha AGAIN=1",
        "bookkit --tabs alpha run a/b.md --again",
    ),
}


def call(place: Path, asked: tuple[str, ...]) -> str:
    plain = [one for one in asked if "=" not in one]
    options = dict(one.split("=") for one in asked if "=" in one)
    return to_run(place, *plain, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", CALLS)
def test_when_a_book_has_our_makefile_then_make_is_named(tmp_path, asked):
    assert call(ROOT / "envs" / "build.txt", asked) == CALLS[asked][0]
    for makefile in (None, "html:\n\tsphinx-build . _build\n"):
        (tmp_path / "config.ini").touch()
        if makefile:
            (tmp_path / "Makefile").write_text(makefile)
        assert call(tmp_path / "envs" / "alpha.txt", asked) == CALLS[asked][1]
