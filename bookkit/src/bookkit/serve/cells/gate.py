"""Who may run code: whoever shows the token of this run, which no log or file has."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

#: A wrong token is answered after this, whatever was wrong about it.
DELAY_S = 1.0
#: The first message must be there by then.
HELLO_S = 5.0
#: How many that have not shown the token may wait at a time.
MOST_STRANGERS = 16


class Gate:
    """The token, and the strangers who may show it."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self._strangers = 0

    @property
    def is_full(self) -> bool:
        """Tell whether no other stranger may come in for now."""
        return self._strangers >= MOST_STRANGERS

    @contextmanager
    def stranger(self) -> Iterator[None]:
        """Count somebody who has not shown the token yet."""
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    async def opens_for(self, token: object) -> bool:
        """Compare a token; a wrong one costs its holder a constant time."""
        given = token if isinstance(token, str) else ""
        if hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            return True
        await asyncio.sleep(DELAY_S)
        return False
