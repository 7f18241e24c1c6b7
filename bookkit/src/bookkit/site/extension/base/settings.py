"""The book's whole configuration, as the builder itself reads it."""

from __future__ import annotations

import functools
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from bookkit.book.config import CONFIG_NAME, Config, load
from bookkit.errors import BookkitError


def book_of(app: Sphinx) -> Config:
    """Return the configuration of the book whose pages these are.

    Raises:
        ConfigError: there is none, or the builder would not take it either.
    """
    return _read(Path(app.srcdir))


@functools.cache
def _read(start: Path) -> Config:
    # d2lbook's sources for Sphinx lie somewhere below the book
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            try:
                return load(folder)
            except BookkitError as error:
                raise ConfigError(str(error)) from None
    raise ConfigError(f"{start}: no {CONFIG_NAME} in this folder or above it")
