"""Words for how a kernel's process ended."""

import signal

_HINTS = {
    signal.SIGKILL: "often: out of memory",
    signal.SIGSEGV: "a crash in native code",
    signal.SIGABRT: "native code gave up",
    signal.SIGBUS: "a crash in native code, or a full disk",
    signal.SIGILL: "an instruction that this processor lacks",
}


def describe_exit(returncode: int | None) -> str:
    """Say how a process ended, e.g. 'killed by SIGKILL (often: out of memory)'.

    `returncode` is as in `subprocess`: negative for a signal, None while running.
    """
    if returncode is None:
        return "still running"
    if returncode >= 0:
        return f"exited with code {returncode}"
    try:
        name = signal.Signals(-returncode)
    except ValueError:
        return f"killed by signal {-returncode}"
    hint = _HINTS.get(name)
    return f"killed by {name.name}" + (f" ({hint})" if hint else "")
