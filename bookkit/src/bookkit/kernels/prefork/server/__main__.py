"""Entry point: `python .../prefork/server CONTROL_FD OWNER_PID PRELOAD_JSON`.

Kernels must not see this folder in `sys.path`, nor its short module names in
`sys.modules`, so it is loaded here as one package with a private name.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable

_NAME = "_prefork_server"


def _load_main() -> Callable[[], Callable[[], None] | None]:
    """Return `loop.main` of this folder, and take the folder out of `sys.path`."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0] or ".") == folder:
        del sys.path[0]
    spec = importlib.util.spec_from_file_location(
        _NAME,
        os.path.join(folder, "__init__.py"),
        submodule_search_locations=[folder],
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder}: the server's files cannot be loaded.")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    loop = importlib.import_module(f"{_NAME}.loop")
    main: Callable[[], Callable[[], None] | None] = loop.main
    return main


if __name__ == "__main__":
    # `main` returns in a forked kernel only. The kernel then runs from here, with as
    # few frames below it as under `python -m ipykernel_launcher`, and it leaves
    # through the interpreter's normal end, so that exit handlers run.
    _start_kernel = _load_main()()
    if _start_kernel is not None:
        _start_kernel()
