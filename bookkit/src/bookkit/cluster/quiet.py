"""Import `distributed` without what it would say on the terminal."""

from __future__ import annotations

import logging


def silence(verbose: bool) -> None:
    """Keep its loggers, and those it fills, off the terminal unless `verbose`."""
    import dask
    import distributed  # noqa: F401 -- it configures its loggers when imported

    dask.config.set({"distributed.comm.timeouts.connect": "5s"})
    dask.config.set({"distributed.admin.system-monitor.gil.enabled": False})
    # Declared data may be large; nobody can do anything about a warning of it.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"})
    if verbose:
        return
    for name in ["asyncio", "tornado", *logging.root.manager.loggerDict]:
        if name.split(".")[0] in ("asyncio", "tornado", "distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
