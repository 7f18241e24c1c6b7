"""Each file of these tests begins with no server of another's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_core.utils import ensure_event_loop
from prefork_kernels import find_any_environment

from bookkit.kernels import prefork


@pytest.fixture(scope="module", autouse=True)
def _no_servers_left() -> Iterator[None]:
    """Stop servers of this process, and close the loop that `jupyter_client` leaves."""
    prefork.stop_all()
    yield
    prefork.stop_all()
    ensure_event_loop().close()


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    folder = tmp_path / "specs"
    folder.mkdir()
    return folder


@pytest.fixture
def any_environment() -> tuple[str, str]:
    """Return the Python and the framework of an environment."""
    found = find_any_environment()
    if found is None:
        pytest.skip("no environment with a framework is installed")
    return found


@pytest.fixture
def python(any_environment: tuple[str, str]) -> str:
    return any_environment[0]
