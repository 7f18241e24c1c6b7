"""Where the server listens, and by which names a request may call it.

A page elsewhere can make a browser ask this machine under a name of its own
(DNS rebinding); whoever asks for a name that is not ours gets nothing.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import socket

from bookkit.errors import UsageError, explain

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(\[[0-9a-f:.%]+\]|[^:\[\]]+)(:\d+)?")


def listen(host: str, port: int) -> socket.socket:
    """Open the socket to serve on; port 0 takes one that is free.

    Raises:
        UsageError: the host is not this machine, or the port is not to be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, error) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(128)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _unusable(host, error) from None
        raise UsageError(
            explain(
                f"port {port}",
                "another program listens there"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used: {error.strerror}",
                "a port that is free",
                f"make serve PORT={port + 1 if 1024 <= port < 65535 else 8000}, "
                "or PORT=0 for any that is free",
            )
        ) from None
    return opened


def _unusable(host: str, error: OSError) -> UsageError:
    return UsageError(
        explain(
            f"host {host}",
            f"cannot be used: {error.strerror}",
            "an address of this machine",
            "make serve, which serves this machine only",
        )
    )


def address_of(host: str, opened: socket.socket) -> str:
    """Return the address to open in a browser."""
    port = opened.getsockname()[1]
    name = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


class HostNames:
    """The names that requests may have in their `Host`."""

    def __init__(self, host: str) -> None:
        given = f"[{host}]" if ":" in host else host
        self._names = _LOOPBACK | {given.lower()}
        # Who serves on all addresses is asked for by any of them, and by name.
        self._all = host in ("0.0.0.0", "::", "")
        if self._all:
            self._names |= {socket.gethostname().lower()}

    def know(self, host: str) -> bool:
        """Tell whether a `Host` header means us."""
        match = _HOST.fullmatch(host.strip().lower())
        if match is None:
            return False
        name = match[1].removesuffix(".")
        return name in self._names or (self._all and _is_number(name))

    def same_site(self, origin: str | None, host: str) -> bool:
        """Tell whether a web socket is opened by a page of ours; browsers say."""
        return origin is None or origin.partition("://")[2].lower() == host.lower()


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
