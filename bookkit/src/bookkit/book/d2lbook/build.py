"""What we use of d2lbook's builder: its import warns, and takes its time."""

from __future__ import annotations

import warnings

from bookkit.book.d2lbook.importing import prepare

prepare()
with warnings.catch_warnings():
    # Its regular expressions use escapes that newer Pythons warn about.
    warnings.simplefilter("ignore")
    from d2lbook.build import Builder, ipynb2rst
    from d2lbook.config import Config
    from d2lbook.utils import find_files

__all__ = ["Builder", "Config", "find_files", "ipynb2rst"]
