"""Where the server listens, and by which names a request may call it.

A page elsewhere can make a browser ask this machine under a name of its own
(DNS rebinding); whoever asks for a name that is not ours gets nothing.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from pathlib import Path
from urllib.parse import urlsplit

from bookkit.book.commands import to_run
from bookkit.errors import UsageError, explain

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ALL = ("0.0.0.0", "::", "")


def listen(host: str, port: int, book: Path) -> socket.socket:
    """Open the socket to serve on; port 0 takes one that is free.

    `book` is a file of the book that is served.

    Raises:
        UsageError: the host is not this machine, or the port is not to be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, error, book) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(128)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _unusable(host, error, book) from None
        found = f"cannot be used: {error.strerror}"
        if error.errno == errno.EADDRINUSE:
            found = "another program listens there"
        other = port + 1 if 1024 <= port < 65535 else 8000
        remedy = f"{to_run(book, 'serve', port=other)}, or 0 for any that is free"
        text = explain(f"port {port}", found, "a port that is free", remedy)
        raise UsageError(text) from None
    return opened


def _unusable(host: str, error: OSError, book: Path) -> UsageError:
    found = f"cannot be used: {error.strerror}"
    remedy = f"{to_run(book, 'serve')}, which serves this machine only"
    text = explain(f"host {host}", found, "an address of this machine", remedy)
    return UsageError(text)


def addresses_of(host: str, opened: socket.socket) -> list[str]:
    """Return the address to open here, and the one to open elsewhere if any may."""
    port = opened.getsockname()[1]
    here = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    names = [here, *([socket.gethostname()] if host in _ALL else [])]
    return [f"http://{f'[{one}]' if ':' in one else one}:{port}/" for one in names]


def means_us(asked: str, served: str) -> bool:
    """Tell whether a `Host` header means the server on the address `served`.

    Who serves on all addresses is asked for by any of them, and by name.
    """
    try:
        name = (urlsplit(f"//{asked.strip()}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    if served not in _ALL:
        return name in {*_LOOPBACK, served.lower()}
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in {"localhost", socket.gethostname().lower()}
    return True
