"""What pages ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Order:
    """A cell that is to be run."""

    id: Any
    cell: str
    code: str


class Refused(Exception):
    """An order is not followed; a reader is told why, and perhaps what to do next."""

    def __init__(self, text: str, next_: str = "") -> None:
        super().__init__(text)
        self.next = next_
