"""Import `distributed` without what it would say on the terminal; words for it."""

from __future__ import annotations

import logging


def silence(verbose: bool) -> None:
    """Keep its loggers, and those it fills, off the terminal unless `verbose`."""
    import dask
    import distributed  # noqa: F401 -- it configures its loggers when imported

    dask.config.set({"distributed.comm.timeouts.connect": "5s"})
    dask.config.set({"distributed.admin.system-monitor.gil.enabled": False})
    # Declared data may be large, and a user cannot act on a warning about it.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"})
    if verbose:
        return
    for name in ["asyncio", "tornado", *logging.root.manager.loggerDict]:
        if name.split(".")[0] in ("asyncio", "tornado", "distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def check_certificates(address: str, role: str) -> None:
    """Look whether Dask has been told the certificates that an address asks for.

    Its own classes would say so at length, and while they are destroyed.

    Raises:
        ValueError: it has not.
    """
    from distributed.security import Security

    secure = address.startswith("tls:")
    if secure and not Security().get_connection_args(role).get("ssl_context"):
        raise ValueError("Dask has been told no certificates")


def expected_address(address: str) -> str:
    """Say what an address, where no scheduler is found, should be."""
    expected = "the address of a running Dask scheduler of the same version"
    if not address.startswith("tls:"):
        return f"{expected}, for example tcp://host:8786"
    return (
        f"{expected}, and DASK_DISTRIBUTED__COMM__TLS__CA_FILE with a certificate "
        "of the same authority, as docs/cluster.md tells"
    )
