"""Let d2lbook and nbconvert make and pass on notebooks without validating each.

They make every cell anew at every step, thousands for a chapter, and apply a JSON
schema to each, and to the whole wherever it is handed on: more than a third of the
time of all steps together. What is read from outside and what is written for
readers is still validated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def unvalidated() -> Iterator[None]:
    """Take notebooks as they come, in this process, until the block ends."""
    # Many who read sources make no notebook: they do without its import.
    import nbformat
    from nbformat.v4 import nbbase

    kept = nbbase.validate, nbformat.validate

    def validate(*arguments: object, **options: object) -> None:
        pass

    nbbase.validate = nbformat.validate = validate
    try:
        yield
    finally:
        nbbase.validate, nbformat.validate = kept
