"""Programs that we start: how they end, what they leave, who ends them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faulty_books import processes_with, wait_until

from bookkit import temporary
from bookkit.kernels import programs

#: Leaves a process in a session of its own, as a daemon does, and waits.
DAEMON = """
import subprocess, time
subprocess.Popen(['sleep', '{0}'], start_new_session=True)
"""
OWNER = """
import sys
from bookkit.kernels.programs import run
run([sys.executable, '-c', {0!r}])
"""
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("exit 3", 3), ("exit 0", 0), ("kill -9 $$", -9), ("kill -15 $$", -15)],
)
def test_a_program_ends_for_us_as_it_did(code, expected):
    assert programs.run(["sh", "-c", f"echo said; {code}"]) == (expected, "said\n")


def test_when_there_is_no_such_program_then_that_is_an_error():
    with pytest.raises(FileNotFoundError):
        programs.run(["no-such-program"])


@linux
def test_when_a_program_ends_then_so_does_its_daemon():
    assert programs.run([sys.executable, "-c", DAEMON.format("7531")])[0] == 0
    assert wait_until(lambda: not processes_with("sleep\x007531"), 10)


@linux
@pytest.mark.parametrize("killed", ["owner", "keeper", "program"])
def test_when_one_of_them_is_killed_then_nothing_stays(killed):
    seconds = {"owner": "7541", "keeper": "7542", "program": "7543"}[killed]
    code = DAEMON.format(seconds).replace(", start_new_session=True", "")
    code += f"time.sleep({seconds})"
    owner = subprocess.Popen([sys.executable, "-c", OWNER.format(code)])
    assert wait_until(lambda: processes_with(f"sleep\x00{seconds}"), 60)
    known = [pid for pid in processes_with(seconds) if pid != owner.pid]
    keeper = next(pid for pid in known if "keeper.py" in command_of(pid))
    program = next(
        pid for pid in known if pid != keeper and "sleep\x00" not in command_of(pid)
    )
    victim = {"owner": owner.pid, "keeper": keeper, "program": program}[killed]
    os.kill(victim, signal.SIGKILL)
    owner.wait(30)
    assert wait_until(lambda: not processes_with(seconds), 10)


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_when_a_program_is_stopped_then_it_has_ended():
    program = programs.Program([sys.executable, "-c", "import time; time.sleep(60)"])
    assert program.poll() is None
    began = time.monotonic()
    program.stop()
    assert program.poll() is not None
    assert time.monotonic() - began < 30


LEAVES = """
import os, sys, tempfile
from bookkit import temporary
temporary.use()
open(tempfile.mkdtemp() + '/key', 'w')
print(tempfile.gettempdir(), flush=True)
sys.stdin.readline()
if sys.argv[1] == 'killed':
    os.kill(os.getpid(), 9)
"""


def test_temporary_files_go_with_a_command_and_those_of_killed_ones_with_the_next(
    tmp_path,
):
    def started(how):
        process = subprocess.Popen(
            [sys.executable, "-c", LEAVES, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path)},
            text=True,
        )
        return process, Path(process.stdout.readline().strip())

    lives, its_own = started("ends")
    killed, left = started("killed")
    assert its_own.parent == left.parent == tmp_path
    killed.communicate("\n")
    assert left.is_dir()
    (tmp_path / "bookkit-of-others").mkdir()
    again, _ = started("ends")
    assert not left.exists() and list(its_own.rglob("key"))
    for process in (lives, again):
        process.communicate("\n")
    assert [path.name for path in tmp_path.iterdir()] == ["bookkit-of-others"]
    assert temporary.folder().is_dir()
