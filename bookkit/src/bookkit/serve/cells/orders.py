"""What pages ask for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST_NAME = 64


@dataclass(frozen=True)
class Order:
    """A cell that is to be run."""

    id: Any
    cell: str
    code: str
    #: What the page calls this code, to know it again.
    mark: str
    #: The cells below that ran with what this one makes anew.
    forgets: tuple[str, ...] = ()
    #: Whether what waits runs although this one fails.
    goes_on: bool = False


def order_in(message: Mapping[str, Any], code: str) -> Order:
    """Return the order to run `code` that a page sent."""
    mark, forgets = message.get("mark"), message.get("forgets")
    return Order(
        id=message.get("id"),
        cell=str(message.get("cell"))[:_LONGEST_NAME],
        code=code,
        mark=str(mark or hashlib.sha256(code.encode()).hexdigest())[:_LONGEST_NAME],
        forgets=tuple(map(str, forgets)) if isinstance(forgets, list) else (),
        goes_on=message.get("goes_on") is True,
    )


class Refused(Exception):
    """An order is not followed; a reader is told why, and perhaps what to do next."""

    def __init__(self, text: str, next_: str = "") -> None:
        super().__init__(text)
        self.next = next_
