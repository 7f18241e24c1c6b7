"""Let d2lbook make cells without nbformat's validation of each.

It makes every cell anew at every step, thousands for a chapter, and a JSON
schema is applied to each: a quarter of the time of all steps together. What is
read from outside and what is written for readers is still validated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nbformat.v4 import nbbase


@contextlib.contextmanager
def unvalidated() -> Iterator[None]:
    """Make cells as they come, in this process, until the block ends."""
    kept = nbbase.validate
    nbbase.validate = lambda *arguments, **options: None
    try:
        yield
    finally:
        nbbase.validate = kept
