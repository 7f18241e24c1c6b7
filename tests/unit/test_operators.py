"""What `make mutants` changes, and that comments of shapes are compared."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / name) for name in ("claims", "mutants")]
