"""A site on loopback, with the policy that we tell people to send."""

import contextlib
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def read_policy() -> str:
    """Return the Content-Security-Policy that we tell people to send."""
    text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"^Content-Security-Policy: (.+)$", text, re.MULTILINE)
    return str(policy)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Sends every file with the policy: all tests of pages run under it."""

    policy = read_policy()

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test's own report is what counts."""


@contextlib.contextmanager
def serve(handler: Callable[..., Quiet]) -> Iterator[str]:
    """Serve with this handler on loopback; give the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
