"""uv is found or fetched, and hears what a user has set for pip."""

import hashlib
import http.server
import io
import json
import platform
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bookkit.errors import EnvironmentFailure
from bookkit.kernels import uv

Serve = Callable[[bytes, str], None]
PROGRAM = f"#!/bin/sh\necho uv {uv.VERSION}\n"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away uv, pip's settings, and the part of Python that makes environments."""
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho No module named ensurepip\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("FIND_LINKS", "EXTRA_INDEX_URL", "INDEX_URL", "CERT", "CONFIG_FILE"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def index(content: bytes, digest: str) -> http.server.ThreadingHTTPServer:
    system = "macosx_11_0" if sys.platform == "darwin" else "manylinux_2_17"
    name = f"uv-{uv.VERSION}-py3-none-{system}_{platform.machine()}.whl"
    file = {"filename": name, "url": f"../../{name}", "hashes": {"sha256": digest}}
    pages = {"/simple/uv/": json.dumps({"files": [file]}).encode(), f"/{name}": content}

    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(pages[self.path])

        def log_message(self, *_: object) -> None:
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)


@pytest.fixture
def wheel() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"uv-{uv.VERSION}.data/scripts/uv", PROGRAM)
    return content.getvalue()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    servers = []

    def start(content: bytes, digest: str) -> None:
        server = index(content, digest)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/simple"
        monkeypatch.setenv("PIP_INDEX_URL", address)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_when_python_makes_no_environment_then_uv_comes_from_its_wheel(
    tmp_path, wheel, serve
):
    serve(wheel, hashlib.sha256(wheel).hexdigest())
    program = uv.Uv(tmp_path / "uv").program
    said = subprocess.run([program], capture_output=True, text=True).stdout
    assert said == f"uv {uv.VERSION}\n"


def test_when_the_wheel_is_another_then_it_is_refused(tmp_path, wheel, serve):
    serve(wheel, "0" * 64)
    with pytest.raises(EnvironmentFailure) as caught:
        uv.Uv(tmp_path / "uv")
    told = str(caught.value)
    assert "is not what the index says it is" in told
    assert "No module named ensurepip" in told and "install uv" in told
    assert not (tmp_path / "uv").exists()


def test_when_pip_has_settings_then_uv_gets_the_same(tmp_path, monkeypatch):
    own = tmp_path / "pip.conf"
    own.write_text(
        "[global]\nindex-url = https://a/simple\ncert = /a.pem\n"
        "extra-index-url =\n    https://b/simple\n    https://c/simple\n"
        "[install]\nfind-links = /one /two\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(own))
    monkeypatch.setenv("PIP_TRUSTED_HOST", "a")
    told = uv.variables(tmp_path, uv.pip_settings())
    assert told["UV_DEFAULT_INDEX"] == "https://a/simple"
    assert told["UV_INDEX"] == "https://b/simple https://c/simple"
    assert told["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert (told["UV_FIND_LINKS"], told["UV_INSECURE_HOST"]) == ("/one,/two", "a")
    assert told["SSL_CERT_FILE"] == "/a.pem"
    monkeypatch.setenv("PIP_INDEX_URL", "https://d/simple")
    monkeypatch.setenv("UV_FIND_LINKS", "/three")
    told = uv.variables(tmp_path, uv.pip_settings())
    assert told["UV_DEFAULT_INDEX"] == "https://d/simple"
    assert told["UV_FIND_LINKS"] == "/three"


def test_when_pip_s_file_is_damaged_then_it_is_named(tmp_path, monkeypatch):
    (tmp_path / "pip.conf").write_text("index-url = https://a\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with pytest.raises(EnvironmentFailure, match="pip's settings: File contains no"):
        uv.pip_settings()
