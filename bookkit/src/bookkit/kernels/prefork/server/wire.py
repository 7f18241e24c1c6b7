"""Messages between owner, server and keeper: a length, then JSON, over Unix sockets.

The sockets have no name: they are pairs that only the owner and its descendants
inherit, so nobody else can connect. File descriptors travel with a message.
"""

from __future__ import annotations

import json
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("!I")
_LARGEST = 16 * 1024 * 1024
_MOST_FDS = 8

Message = dict[str, Any]


def send(connection: socket.socket, message: Message, fds: Sequence[int] = ()) -> None:
    """Send one message; the receiver gets duplicates of `fds`."""
    # ASCII JSON keeps environment values that are not valid UTF-8 (lone surrogates).
    body = json.dumps(message).encode("ascii")
    frame = _LENGTH.pack(len(body)) + body
    sent = socket.send_fds(connection, [frame], list(fds)) if fds else 0
    connection.sendall(frame[sent:])


def receive(connection: socket.socket) -> tuple[Message, list[int]]:
    """Wait for one message and the file descriptors that came with it.

    What is no JSON object counts as an empty one.

    Raises:
        EOFError: the other side is gone, or sent something that is no frame.
    """
    head, fds, _flags, _address = socket.recv_fds(connection, _LENGTH.size, _MOST_FDS)
    head += _exactly(connection, _LENGTH.size - len(head))
    (length,) = _LENGTH.unpack(head)
    if length > _LARGEST:
        raise EOFError(f"a message of {length} bytes, expected at most {_LARGEST}")
    body = _exactly(connection, length)
    try:
        message = json.loads(body)
    except ValueError:
        message = None
    return message if isinstance(message, dict) else {}, fds


def is_readable(connection: socket.socket) -> bool:
    """Tell whether something has arrived, or the other side is gone."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise EOFError("the connection is closed")
        parts += part
    return bytes(parts)
