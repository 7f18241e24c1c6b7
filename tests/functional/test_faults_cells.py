"""Cells that leave processes and threads behind, or take their own ground away."""

import sys
from pathlib import Path

import pytest
from fault_rounds import are_gone, half_written, told
from faulty_books import CONFIG, Book, processes_with

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)

TIGHT = CONFIG.replace("cell_timeout_s = 30", "cell_timeout_s = 3").replace(
    "notebook_timeout_s = 60", "notebook_timeout_s = 30"
)
#: Each writes `begun`, so that it is known to have come this far. `passes` says how
#: the notebook ends; None where either is right, as the system decides it.
LEAVINGS: dict[str, tuple[bool | None, str]] = {
    "forks-and-returns-twice": (
        None,
        "import os\n---\npid = os.fork()\n---\nopen('begun', 'w').close()",
    ),
    "daemonises": (
        True,
        """
import os
import time
---
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3, 256):
            try:
                os.close(fd)
            except OSError:
                pass
        open('begun', 'w').close()
        time.sleep(300)
    os._exit(0)
---
while not os.path.exists('begun'):
    time.sleep(0.01)
""",
    ),
    "daemonises-by-exec": (
        True,
        """
import os
import subprocess
import sys
import time
---
code = "import time; open('begun', 'w').close(); time.sleep(300)"
again = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {code!r}], \
start_new_session=True)"
subprocess.run([sys.executable, '-c', again], start_new_session=True)
---
while not os.path.exists('begun'):
    time.sleep(0.01)
""",
    ),
    "leaves-threads": (
        True,
        """
import threading
import time
---
def endless():
    open('begun', 'w').close()
    time.sleep(300)
for _ in range(3):
    threading.Thread(target=endless).start()
---
time.sleep(0.2)
""",
    ),
    "leaves-a-pool": (
        True,
        """
import multiprocessing
---
pool = multiprocessing.get_context('fork').Pool(3)
pool.map(abs, [1, -2])
open('begun', 'w').close()
""",
    ),
    "leaves-a-busy-pool": (
        True,
        """
import multiprocessing
import time
---
pool = multiprocessing.get_context('fork').Pool(3)
waiting = pool.map_async(time.sleep, [300] * 9)
open('begun', 'w').close()
""",
    ),
    "hears-no-signals": (
        True,
        """
import os
import signal
import time
---
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    time.sleep(300)
open('begun', 'w').close()
""",
    ),
    "waits-at-its-exit": (
        True,
        """
import atexit
import time
---
atexit.register(time.sleep, 300)
open('begun', 'w').close()
""",
    ),
    "stops-itself": (
        False,
        """
import os
import signal
---
open('begun', 'w').close()
os.kill(os.getpid(), signal.SIGSTOP)
""",
    ),
    "kills-its-keeper": (
        False,
        """
import os
---
open('begun', 'w').close()
os.kill(os.getppid(), 9)
---
import time
time.sleep(300)
""",
    ),
    "closes-what-it-finds": (
        None,
        """
import os
---
open('begun', 'w').close()
os.closerange(3, 256)
---
1
""",
    ),
}


@pytest.mark.parametrize("options", [(), ("--spawn",)], ids=["prefork", "spawn"])
def test_when_cells_leave_processes_then_the_run_ends_and_none_stays(tmp_path, options):
    chosen = LEAVINGS
    if options:
        # A spawned kernel has no keeper to find what left its group.
        names = ("daemonises", "daemonises-by-exec", "kills-its-keeper")
        chosen = {name: what for name, what in LEAVINGS.items() if name not in names}
    cells = {name: code for name, (_, code) in chosen.items()}
    book = Book(tmp_path, {**cells, "good": "6 * 7"}, TIGHT)
    _, said = book.bookkit("run", *options)
    assert are_gone(tmp_path), [
        Path(f"/proc/{pid}/cmdline").read_text()
        for pid in processes_with(str(tmp_path))
    ]
    passed = told(said)
    for name, (passes, _) in chosen.items():
        folder = tmp_path / "_build" / "run" / "alpha" / f"{name}.md"
        assert (folder / "begun").exists(), f"{name}: {said}"
        assert passes is None or passes == (name in passed), f"{name}: {said}"
        assert name in passed or f"{name}.md:" in said, f"{name}: {said}"
    assert "good" in passed
    assert "bug in bookkit" not in said
    assert half_written(tmp_path / "_build" / "cache") == []


GONE = {
    "writes-later": (
        False,
        "import os\nimport shutil\n---\nshutil.rmtree(os.getcwd())\n---\n"
        "open('x', 'w').write('y')",
    ),
    "prints-later": (
        True,
        "import os\nimport shutil\n---\nshutil.rmtree(os.getcwd())\n---\nprint(1)",
    ),
    "wants-a-temporary-file": (
        True,
        "import os\nimport shutil\nimport tempfile\n---\nshutil.rmtree(os.getcwd())\n"
        "---\ntempfile.mkdtemp()",
    ),
    "removes-them-all": (
        None,
        "import os\nimport shutil\n---\nshutil.rmtree('..', ignore_errors=True)",
    ),
    "locks-it": (
        True,
        "import os\n---\nopen('x', 'w').close()\nos.chmod('.', 0o500)",
    ),
}


def test_when_a_cell_deletes_its_folder_then_the_other_notebooks_are_as_ever(tmp_path):
    cells = {name: code for name, (_, code) in GONE.items()}
    good = "open('mine', 'w').write('y')\n---\nopen('mine').read()"
    book = Book(tmp_path, {**cells, "good": good, "better": good}, TIGHT)
    for _ in range(2):
        # One at a time: "removes-them-all" may not hit a neighbour as it works.
        _, said = book.bookkit("run", "-j", "1", "--again")
        passed = told(said)
        assert {"good", "better"} <= passed, said
        for name, (passes, _) in GONE.items():
            assert passes is None or passes == (name in passed), f"{name}: {said}"
            assert name in passed or f"{name}.md:" in said, f"{name}: {said}"
        assert "bug in bookkit" not in said
    assert are_gone(tmp_path)


#: What no JSON or UTF-8 can hold as it is.
STRANGE = {
    "half-a-pair": "print('\\udc80')\n---\n'\\ud800'",
    "zeros": "print('\\0' * 10)",
    "not-a-number": "from IPython.display import display\n---\n"
    "display({'application/json': {'a': float('nan')}}, raw=True)",
    "bytes": "import sys\n---\nsys.stdout.buffer.write(b'\\xff\\xfe')"
    " if hasattr(sys.stdout, 'buffer') else 0",
    "returns": "print('50 %\\r100 %')\n---\nprint('a\\r\\nb\\x1b[31mred\\x1b[0m')",
    "name": "class A(BaseException):\n    def __str__(self):\n"
    "        raise RuntimeError('no words')\n---\nA",
}


def test_when_outputs_are_strange_then_they_are_kept_as_they_were(tmp_path):
    book = Book(tmp_path, STRANGE)
    book.passes("notebooks")
    folder = tmp_path / "_build" / "notebooks"
    first = {path: path.read_bytes() for path in folder.rglob("*.ipynb")}
    for path in first:
        path.unlink()
    said = book.passes("notebooks")
    assert told(said) == set()
    assert {path: path.read_bytes() for path in folder.rglob("*.ipynb")} == first


GROUPS = {
    "group": "1\n---\ndef two():\n    raise TypeError('b')\n"
    "errors = []\ntry:\n    two()\nexcept TypeError as error:\n"
    "    errors = [error, ValueError('a')]\nraise ExceptionGroup('several', errors)",
    "left": "try:\n    raise ExceptionGroup('all', [OSError('a'), ValueError('b')])\n"
    "except* OSError:\n    print('caught')",
    "context": "try:\n    raise ExceptionGroup('all', [ValueError('b')])\n"
    "except ExceptionGroup:\n    raise KeyError('c')",
    "tasks": "import asyncio\nasync def fail():\n    1 / 0\n"
    "async with asyncio.TaskGroup() as group:\n    group.create_task(fail())",
    "module": "import deep\ndeep.fall()",
}
#: Place, error, and words of the traceback.
TOLD_OF_GROUPS = {
    "group": (
        "group.md:19 [alpha]: ExceptionGroup: several (2 sub",
        "TypeError: b",
    ),
    "left": ("left.md:8 [alpha]: ExceptionGroup: all (1 sub-exc", "ValueError: b"),
    "context": ("context.md:8 [alpha]: KeyError: 'c'", 'File "<cell 1>", line 4'),
    "tasks": ("tasks.md:10 [alpha]: ExceptionGroup: unhandled", "ZeroDivisionError"),
    "module": ("module.md:8 [alpha]: ExceptionGroup: deep (1 s", "deep.py:2, a module"),
}


@pytest.mark.parametrize("options", [(), ("--spawn",)], ids=["prefork", "spawn"])
def test_when_an_error_is_a_group_then_its_line_and_parts_are_told(tmp_path, options):
    book = Book(tmp_path, GROUPS)
    deep = "def fall():\n    raise ExceptionGroup('deep', [ValueError('x')])\n"
    (tmp_path / "deep.py").write_text(deep)
    status, said = book.bookkit("run", *options)
    assert status == 1
    for name, (place, part) in TOLD_OF_GROUPS.items():
        story = said[said.index(f"{name}.md:") :].partition("\n  next:")[0]
        assert story.startswith(place), said
        assert part in story, said
        # IPython prints an error itself that only came of a group
        assert name == "context" or "IPython/core" not in story, said


def test_when_what_a_group_holds_is_not_of_the_book_then_it_is_not_kept(tmp_path):
    code = "raise ExceptionGroup('all', [ConnectionError('a'), ValueError('b')])"
    book = Book(tmp_path, {"one": code})
    _, said = book.bookkit("run")
    assert "not kept: the book is not the cause" in said


def test_when_an_error_has_no_words_then_it_is_told_all_the_same(tmp_path):
    cell = (
        "class A(Exception):\n    def __str__(self):\n        raise RuntimeError('x')\n"
        "---\nraise A"
    )
    surrogate = "raise ValueError('\\udc80 \\x1b[31m [red] \\0')"
    book = Book(tmp_path, {"mute": cell, "odd": surrogate, "good": "6 * 7"})
    for _ in range(2):
        status, said = book.bookkit("run")
        assert status == 1, said
        assert "mute.md:" in said
        assert "odd.md:7 [alpha]: ValueError" in said
