"""A forked kernel cannot be told from a spawned one, except by its speed."""

import os
from collections.abc import Iterator

import pytest
from prefork_kernels import (
    FRAMEWORKS,
    Kernel,
    find_python,
    start_kernel,
    write_kernelspec,
)

from bookkit.kernels.prefork import stop_all
from bookkit.kernels.prefork.process import PreforkProcess

CELLS = {
    "stdout and stderr": (
        "import sys\nprint('a'); print('b', file=sys.stderr); print('c')"
    ),
    "streams of a subprocess": (
        "import subprocess, sys, time\n"
        "done = subprocess.run([sys.executable, '-c', 'print(1)'])\n"
        "time.sleep(0.5)  # ipykernel collects such output in another thread"
    ),
    "captured subprocess": (
        "subprocess.run(['cat'], capture_output=True, text=True).stdout"
    ),
    "input": "input('name? ')",
    "an error": "1 / 0",
    "recursion limit": (
        "def depth(n):\n"
        "    try:\n"
        "        return depth(n + 1)\n"
        "    except RecursionError:\n"
        "        return n\n"
        "depth(0)"
    ),
    "depth of the stack": "import inspect; len(inspect.stack())",
    "a warning": "import warnings\nwarnings.warn('old', DeprecationWarning)",
    "warning filters": "[str(f) for f in warnings.filters]",
    "sys.argv": "[sys.argv[0], sys.argv[1], len(sys.argv)]",
    "sys.orig_argv": "[*sys.orig_argv[:-1], sys.orig_argv[-1] == sys.argv[-1]]",
    "sys.path": "sys.path",
    "sys.flags": "sys.flags",
    "prefix": "sys.executable, sys.prefix, sys.base_prefix",
    "__name__": "__name__",
    "__main__": (
        "sorted(n for n in vars(sys.modules['__main__']) if not n.startswith('_'))"
    ),
    "file of __main__": "hasattr(sys.modules['__main__'], '__file__')",
    "working directory": "import os; os.getcwd()",
    "environment": (
        "{n: v for n, v in sorted(os.environ.items())"
        " if n not in ('JPY_SESSION_NAME', 'PYTEST_CURRENT_TEST')}"
    ),
    "session": "os.getsid(0) == os.getpgrp() == os.getpid()",
    "signals": (
        "import signal\n"
        "{s.name: str(signal.getsignal(s)).split(' at ')[0]\n"
        " for s in sorted(signal.valid_signals()) if isinstance(s, signal.Signals)}"
    ),
    "blocked signals": "signal.pthread_sigmask(signal.SIG_BLOCK, [])",
    "wakeup fd belongs to the loop": "signal.set_wakeup_fd(-1) != -1",
    "limits": ("import resource\n[resource.getrlimit(x) for x in range(10)]"),
    "threads": (
        "import re, threading\n"
        "sorted(re.sub('[0-9]+', 'N', t.name) for t in threading.enumerate())"
    ),
    "name of a new thread": "threading.Thread().name",
    "main thread": "threading.current_thread() is threading.main_thread()",
    "open files": (
        "import collections, re\n"
        "def links():\n"
        "    for fd in os.listdir('/proc/self/fd'):\n"
        "        try:\n"
        "            yield re.sub(r'\\d+', 'N', os.readlink(f'/proc/self/fd/{fd}'))\n"
        "        except OSError:\n"
        "            pass\n"
        "collections.Counter(x for x in links() if x[0] != '/' and x[:4] != 'anon')"
    ),
    "standard input": "sys.__stdin__.read()",
    "log handlers": (
        "import logging\n[type(h).__name__ for h in logging.getLogger().handlers]"
    ),
    "a new event loop": ("import asyncio\nawait asyncio.sleep(0, 'done')"),
    "children": (
        "import multiprocessing\n"
        "child = multiprocessing.get_context('fork').Process(target=int)\n"
        "child.start(); child.join(); child.exitcode"
    ),
    "garbage collector": "import gc; gc.isenabled(), gc.get_threshold()",
    "exit handlers": "import atexit; atexit.register(print) is print",
}

TENSORS = {
    "torch": "torch.arange(4.0).reshape(2, 2) @ torch.ones(2, 2)",
    "mxnet": "mxnet.np.arange(4).reshape(2, 2) @ mxnet.np.ones((2, 2))",
    "tensorflow": "tensorflow.reshape(tensorflow.range(4.0), (2, 2)) * 2",
    "paddle": "paddle.arange(4.0).reshape([2, 2]) @ paddle.ones([2, 2])",
}
DRAWS = {
    "torch": "torch.rand(4).tolist()",
    "mxnet": "mxnet.np.random.uniform(size=4).tolist()",
    "tensorflow": "tensorflow.random.uniform([4]).numpy().tolist()",
    "paddle": "paddle.rand([4]).tolist()",
}


# One framework will do for what concerns the kernel; that every notebook of every
# framework is the same both ways is tested with the notebooks.
@pytest.fixture(scope="module", params=["mxnet"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Kernel, Kernel]]:
    """A forked and a spawned kernel that have imported the same framework."""
    python, framework = find_python(request.param), FRAMEWORKS[request.param]
    if python is None:
        pytest.skip(f"environment {request.param} is not installed")
    specs = tmp_path_factory.mktemp("specs")
    cwd = str(tmp_path_factory.mktemp("cwd"))
    env = {"PYTHONPATH": str(specs), "OF_THE_SPEC": "1"}
    forked = write_kernelspec(specs, python, [framework], env)
    spawned = write_kernelspec(specs, python, None, env)
    with (
        start_kernel(specs, forked, cwd=cwd) as one,
        start_kernel(specs, spawned, cwd=cwd) as other,
    ):
        assert isinstance(one.process, PreforkProcess)
        assert not isinstance(other.process, PreforkProcess)
        for kernel in (one, other):
            kernel.run(f"import {framework}")
        yield framework, one, other
    stop_all()


def test_when_cells_run_in_both_then_they_show_the_same(pair):
    framework, forked, spawned = pair
    different = {}
    for name, code in {**CELLS, "tensors": TENSORS[framework]}.items():
        one, other = forked.run(code), spawned.run(code)
        if one != other:
            different[name] = {"forked": one, "spawned": other}
    assert different == {}


def test_when_input_is_asked_for_then_it_fails_at_once(pair):
    _framework, forked, _spawned = pair
    assert "StdinNotImplementedError" in forked.run("input()", timeout_s=10)


# PyTorch needs reseeding in a fork; MXNet stands for those that do it themselves.
@pytest.mark.parametrize("environment", ["pytorch", "mxnet"])
def test_when_two_kernels_draw_then_they_differ_as_spawned_ones(environment, tmp_path):
    python, framework = find_python(environment), FRAMEWORKS[environment]
    if python is None:
        pytest.skip(f"environment {environment} is not installed")
    draws = ["random.random()", "numpy.random.rand()", DRAWS[framework]]
    cell = f"import random, numpy, {framework}\n[{', '.join(draws)}]"
    equal = {}
    for preload in ([framework], None):
        name = write_kernelspec(tmp_path, python, preload)
        shown = []
        for _ in range(2):
            with start_kernel(tmp_path, name) as kernel:
                kernel.run(f"import {framework}")
                shown.append(eval(kernel.run(cell).removeprefix("result: ")))
        equal[preload is not None] = [a == b for a, b in zip(*shown, strict=True)]
    stop_all()
    assert equal[True] == equal[False]
    assert equal[True][:2] == [False, False]


def test_when_a_log_handler_comes_from_an_import_then_lines_keep_their_place(
    python, tmp_path
):
    (tmp_path / "logging_module.py").write_text(
        "import logging\nlog = logging.getLogger('a library')\n"
        "log.addHandler(logging.StreamHandler())\n"
    )
    cell = (
        "import logging_module, sys\n"
        "for i in range(5):\n"
        "    print(i, file=sys.stderr)\n"
        "    logging_module.log.warning('logged')"
    )
    env = {"PYTHONPATH": str(tmp_path)}
    for preload in (["logging_module"], None):
        name = write_kernelspec(tmp_path, python, preload, env)
        with start_kernel(tmp_path, name) as kernel:
            lines = "".join(f"{i}\nlogged\n" for i in range(5))
            assert kernel.run(cell) == f"stderr: {lines}"


def test_when_an_import_closes_the_stream_it_found_then_kernels_still_start(
    python, tmp_path
):
    """absl, which TensorFlow imports, does so when it changes its handler."""
    (tmp_path / "closing.py").write_text("import sys\nsys.stderr.close()\n")
    name = write_kernelspec(
        tmp_path, python, ["closing"], {"PYTHONPATH": str(tmp_path)}
    )
    with start_kernel(tmp_path, name) as kernel:
        assert isinstance(kernel.process, PreforkProcess)
        assert kernel.run("import sys; print(1, file=sys.stderr)") == "stderr: 1\n"
    stop_all()


def test_when_a_library_asked_for_a_folder_then_each_kernel_has_its_own(
    python, tmp_path
):
    """TensorFlow asks for it when it is imported, and Python keeps the answer."""
    (tmp_path / "asking.py").write_text("import tempfile\ntempfile.gettempdir()\n")
    env = {"PYTHONPATH": str(tmp_path)}
    name = write_kernelspec(tmp_path, python, ["asking"], env)
    shown = []
    for place in ("one", "two"):
        scratch = tmp_path / place
        scratch.mkdir()
        inherited = {**os.environ, "TMPDIR": str(scratch)}
        with start_kernel(tmp_path, name, env=inherited) as kernel:
            assert isinstance(kernel.process, PreforkProcess)
            told = kernel.run("import asking, tempfile\ntempfile.gettempdir()")
            shown.append(told == f"result: {str(scratch)!r}")
    stop_all()
    assert shown == [True, True]


def test_when_matplotlib_was_imported_ahead_then_plots_are_shown_in_line(specs):
    python = find_python("pytorch")
    if python is None:
        pytest.skip("environment pytorch is not installed")
    name = write_kernelspec(specs, python, ["matplotlib.figure"])
    with start_kernel(specs, name) as kernel:
        assert "inline" in kernel.run("import matplotlib; matplotlib.get_backend()")
