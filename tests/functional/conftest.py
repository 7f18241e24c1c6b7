"""Each file of these tests begins with no server of another's."""

from __future__ import annotations

import pytest

from bookkit.kernels import prefork


@pytest.fixture(scope="module", autouse=True)
def _no_servers_left() -> None:
    """Stop the servers that earlier tests of this process have started."""
    prefork.stop_all()
