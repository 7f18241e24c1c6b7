"""Cells run from a page: a real server, real sockets, real kernels."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import Book, own_environment, processes_with, wait_until
from live_cells import Reader, Served, Written, blocks, digest

from bookkit.site.shown.terminal import as_shown

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)
LIMITS = "live_kernels = 3\nlive_kernels_per_reader = 2\nlive_output_kb = 100\n"
TIGHT = "live_idle_s = 1\nlive_memory_mb = 300\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("live") / "book", LIMITS)
    yield made
    made.end()


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("tight") / "book", TIGHT)
    yield made
    made.end()


@pytest.fixture(scope="module")
def one(served: Served) -> Iterator[Reader]:
    """A page whose kernel tests share."""
    with Reader(served, "shared") as reader:
        yield reader
        reader.send("stop")
        reader.until("kernel", state="dead")


def test_when_a_cell_runs_then_it_shows_what_the_page_would(one):
    assert one.ready["tabs"] == {"alpha": {"state": "ready"}}
    code = "import sys\nprint('a')\nprint('b', file=sys.stderr)\n6 * 7"
    assert one.run(code) == "a\nb\n42"
    states = [m["state"] for m in one.heard if m["type"] == "kernel"]
    assert states == ["starting", "idle", "busy"]
    assert [output["name"] for output in one.outputs()] == ["", "stderr", ""]


def test_when_it_runs_then_it_finds_what_a_run_of_its_section_finds(one):
    assert one.run("open('numbers.csv').read()") == r"'1,2\n'"
    assert one.run("from d2l import alpha\nalpha.version") == "1"
    assert one.run("import os; len(os.environ['TMPDIR']) < 50") == "True"


def test_when_a_cell_names_the_machine_then_it_is_told_as_in_the_book(one):
    warned = one.run("import warnings\nwarnings.warn('careful')")
    assert re.sub(r"\d+", "N", warned).startswith("<cell N>:N: UserWarning: careful")
    told = one.run(
        "import os, tempfile\n"
        "print(os.getcwd()[:9], end='', flush=True)\nprint(os.getcwd()[9:])\n"
        "print(tempfile.gettempdir(), os.path.expanduser('~/x'), os.__file__)\n"
        "print(os.path.abspath('x'))\n(kept := object()), kept"
    )
    assert re.sub(r"\d+", "N", told) == (
        ".\n/tmp ~/x pythonN/os.py\nx\n(<object at Nx…N>, <object at Nx…N>)"
    )
    first, second = re.findall(r"0x…\d+", told)
    assert first == second


def test_when_cells_wait_then_they_run_in_order_and_an_error_ends_them(one):
    for number, code in enumerate(["order = [1]", "order += [2]", "1 / 0", "order"]):
        one.execute(code, cell=str(number), id=number)
    ends = [one.until("done") for _ in range(4)]
    assert [end["id"] for end in ends] == [0, 1, 2, 3]
    assert [end["status"] for end in ends] == ["ok", "ok", "error", "aborted"]
    assert one.run("order") == "[1, 2]"


def test_when_a_failure_is_to_be_expected_then_the_next_cell_runs(one):
    one.execute("1 / 0", cell="1", goes_on=True)
    one.execute("'after'", cell="2")
    assert [one.until("done")["status"] for _ in range(2)] == ["error", "ok"]


def test_when_a_cell_is_made_anew_then_what_used_it_has_not_run(served, one):
    for cell, code in (("7", "x = 1"), ("8", "y = x"), ("9", "z = y")):
        one.execute(code, cell=cell, mark=f"mark of {code}")
        assert one.until("done")["mark"] == f"mark of {code}"
    one.execute("x = 2", cell="7", mark="other", forgets=["8", "9"])
    assert one.until("running")["forgets"] == ["8", "9"]
    one.until("done")
    with Reader(served, "shared") as again:
        ran = again.ready["kernels"]["alpha"]["ran"]
    assert ran["7"] == "other"
    assert not {"8", "9"} & set(ran)


def test_when_a_page_comes_then_it_is_told_what_cells_gave(served, one):
    code = "import sys\nfor i in range(30):\n    print(i, end='\\r', flush=True)\n"
    one.run(f"{code}print('end', flush=True)\n'value'")
    with Reader(served, "shared") as again:
        again.until("done", cell="1", again=True)
        missed = [m for m in again.missed if m["cell"] == "1"]
        assert "".join(blocks(missed)) == "end\n'value'"
        assert [m["type"] for m in missed] == ["running", "output", "output", "done"]


def test_when_a_page_comes_back_then_it_finds_its_kernel(served, one):
    one.run("kept = 5")
    with Reader(served, "shared") as again:
        kernel = again.ready["kernels"]["alpha"]
        assert kernel["state"] == "idle"
        assert kernel["ran"]["1"] == digest("kept = 5")
        assert again.run("kept") == "5"
        one.until("done")
        assert one.outputs()[-1]["text"] == "5"  # both windows show it


def test_when_another_reader_runs_a_cell_then_it_is_in_another_kernel(served, one):
    one.run("mine = 1")
    with Reader(served, "other") as other:
        assert other.ready["kernels"] == {}
        assert "NameError" in other.run("mine", "error")
        other.send("stop")
        other.until("kernel", state="dead")


def test_when_restarted_then_the_kernel_is_a_new_one(one):
    one.run("gone = 1")
    before = one.run("import os; os.getpid()")
    one.send("restart")
    restarted = one.until("kernel", state="restarted")
    one.until("kernel", state="idle")
    assert restarted["text"]
    assert "NameError" in one.run("gone", "error")
    assert one.run("import os; os.getpid()") != before


def test_when_stopped_while_it_starts_then_that_is_said_and_the_next_cell_runs(one):
    for _ in range(2):
        one.send("stop")
        one.until("kernel", state="dead")
    one.execute("8")
    one.send("stop")
    assert one.until("done")["status"] == "aborted"
    one.until("kernel", state="dead")
    assert one.run("9") == "9"


def test_when_interrupted_then_the_cell_ends_and_the_kernel_goes_on(one):
    one.run("import time; here = 1")
    one.execute("time.sleep(60)")
    one.execute("here", id=2)
    one.until("running")
    time.sleep(0.3)
    one.send("interrupt")
    ends = {end["id"]: end["status"] for end in (one.until("done"), one.until("done"))}
    assert ends == {1: "interrupted", 2: "aborted"}
    assert one.run("here") == "1"


def test_when_a_cell_ignores_the_interruption_then_its_kernel_ends(one):
    code = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    one.execute(f"{code}while True: time.sleep(1)")
    one.until("running")
    time.sleep(0.3)
    one.send("interrupt")
    assert "ignored the interruption" in one.until("kernel", state="dead")["text"]
    assert one.until("done")["status"] == "died"
    assert one.run("1") == "1"


@pytest.mark.parametrize("is_password", [False, True])
def test_when_a_cell_asks_for_input_then_any_window_may_answer(
    served, one, is_password
):
    ask = "__import__('getpass').getpass('who? ')" if is_password else "input('who? ')"
    one.execute(f"print('asks')\n{ask}")
    assert one.until("input")["prompt"] == "who? "
    with Reader(served, "shared") as other:
        assert other.ready["kernels"]["alpha"]["state"] == "busy"
        other.until("running", again=True)
        assert other.until("input")["password"] is is_password
        other.send("answer", id=1, text="me")
    one.until("done", status="ok")
    assert one.outputs()[-1]["text"] == "'me'"


def test_when_asked_for_names_and_help_then_the_kernel_tells(one):
    one.run("import math\n变量 = 1")
    one.send("complete", id=7, code="变量; math.sq", cursor=11)
    found = one.until("completions", id=7)
    assert found["start"] in (4, 8, 9)  # the name, with its dot, or all of it
    assert found["end"] == 11
    assert any("sqrt" in match for match in found["matches"])
    one.send("inspect", id=8, code="math.sqrt", cursor=9)
    text = one.until("help", id=8)["text"]
    assert "square root" in text
    assert "\x1b" not in text


def test_when_a_cell_prints_over_itself_then_the_page_shows_the_last(one):
    code = (
        "import time\nprint('start')\nfor i in range(5):\n"
        "    print(f'\\r{i} of 4 \\U0001f600', end='', flush=True)\n"
        "    time.sleep(0.05)\nprint(' done')"
    )
    assert one.run(code) == "start\n4 of 4 \U0001f600 done\n"
    assert any("keep" in output for output in one.outputs())


@pytest.mark.parametrize(
    "text",
    [
        "a\\r\\nb\\r\\r\\n",
        "\\x1b[31mred\\x1b[0m plain",
        "one\\ntwo\\x1b[1A\\rONE\\x1b[K\\n",
        "x\\by\\x07",
        "\\x1b]8;;http://a\\x07link\\x1b]8;;\\x07!",
    ],
)
def test_when_text_comes_in_pieces_then_it_is_as_in_one(one, text):
    plain = text.encode().decode("unicode_escape")
    code = f"for c in '{text}': print(c, end='', flush=True)"
    assert one.run(code) == as_shown(plain)


RICH = {
    "html": (
        "HTML('<style>p{}</style><p>x<b>y')",
        {"kind": "html", "html": "<p>x<b>y</b></p>"},
    ),
    "markdown": (
        "Markdown('*a*')",
        {"kind": "html", "html": "<p><em>a</em></p>\n"},
    ),
    "svg": (
        "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
        {"kind": "picture", "mime": "image/svg+xml", "caption": "", "size": {}},
    ),
    "png": (
        "Image(b'\\x89PNG', format='png', width=5)",
        {
            "kind": "picture",
            "mime": "image/png",
            "data": "iVBORw==",
            "caption": "",
            "size": {"width": "5"},
        },
    ),
}


@pytest.mark.parametrize("name", RICH)
def test_when_a_cell_gives_more_than_text_then_it_is_as_on_pages(one, name):
    code, wanted = RICH[name]
    one.run(f"from IPython.display import *\n{code}")
    (shown,) = one.outputs()
    assert {key: shown[key] for key in wanted} == wanted


def test_when_a_cell_gives_a_formula_then_it_is_mathml(one):
    one.run("from IPython.display import *\nMath('x^2')")
    assert one.outputs()[0]["html"].startswith("<math")


def test_when_outputs_are_cleared_or_replaced_then_the_page_is_told(one):
    one.run(
        "from IPython.display import *\nprint('a')\nclear_output(wait=True)\n"
        "handle = display('one', display_id=True)\nhandle.update('two')"
    )
    kinds = [m["type"] for m in one.heard if m["type"] in ("output", "clear")]
    assert kinds == ["output", "clear", "output", "output"]
    first, second = [m for m in one.heard if m["type"] == "output"][1:]
    assert first["display"] == second["replaces"]


@pytest.mark.parametrize(
    "code",
    ["for i in range(1000): print('x' * 100_000)", "print('x' * 100_000_000)"],
    ids=["many", "one"],
)
def test_when_a_cell_prints_100_mb_then_it_is_cut_and_all_goes_on(served, one, code):
    one.run("1")
    before = served.memory_mb
    shown = one.run(code)
    assert 0 < len(shown) < 200_000
    assert one.outputs()[-1]["kind"] == "cut"
    assert served.memory_mb < before + 400
    assert one.run("print('on')") == "on\n"


def test_when_an_output_is_too_long_to_be_received_then_it_is_cut(one):
    one.run("from IPython.display import HTML\nHTML('x' * 150_000_000)")
    assert one.outputs()[-1]["kind"] == "cut"
    assert one.run("print('on')") == "on\n"


@pytest.mark.parametrize("number", [9, 11])
def test_when_a_cell_kills_its_kernel_then_that_is_said_and_the_next_works(one, number):
    one.run("1")
    one.execute("2", id=2)
    one.execute(f"import os; os.kill(os.getpid(), {number})", id=3)
    one.execute("3", id=4)
    ends = [one.until("done")["status"] for _ in range(3)]
    assert ends == ["ok", "died", "aborted"]
    name = signal.Signals(number).name
    dead = [m["text"] for m in one.heard if m.get("state") == "dead"]
    assert dead and name in dead[-1]
    assert one.run("4") == "4"


def test_when_the_system_kills_an_idle_kernel_then_that_is_said(one):
    pid = int(one.run("import os; os.getpid()"))
    os.kill(pid, signal.SIGKILL)
    assert "SIGKILL" in one.until("kernel", state="dead")["text"]
    assert one.run("5") == "5"


def test_when_the_server_of_kernels_is_killed_then_the_next_cell_works(served, one):
    one.run("1")
    below = set(processes_with("prefork/server")) & set(
        processes_with(str(served.book.root))
    )
    for pid in below:
        os.kill(pid, signal.SIGKILL)
    one.until("kernel", state="dead")
    assert one.run("6") == "6"


def test_when_a_cell_opens_a_window_then_nothing_happens(one):
    one.run("import webbrowser; webbrowser.open('http://127.0.0.1:9')")
    one.run("import os; assert 'DISPLAY' not in os.environ")
    assert one.run("7") == "7"


def test_when_the_library_changes_then_a_restart_is_asked_for(served, one):
    one.run("1")
    library = served.book.root / "d2l" / "alpha.py"
    library.write_text("version = 2\n")
    with Reader(served, "shared") as again:
        assert "d2l" in again.ready["kernels"]["alpha"]["text"]
    one.send("restart")
    one.until("kernel", state="restarted")
    assert one.run("from d2l import alpha\nalpha.version") == "2"


def test_when_a_reader_has_enough_kernels_then_the_oldest_idle_one_ends(served, one):
    one.send("stop")
    with (
        Reader(served, "many", "one") as first,
        Reader(served, "many", "two") as second,
        Reader(served, "many", "three") as third,
    ):
        first.run("1")
        second.run("2")
        third.run("3")
        assert "make room" in first.until("kernel", state="dead")["text"]
        for reader in (second, third):
            reader.execute("import time; time.sleep(60)")
            reader.until("running")
        first.execute("1")
        assert "2 kernels" in first.until("problem")["text"]
        assert first.until("done")["status"] == "aborted"
        with Reader(served, "another") as other, Reader(served, "last") as last:
            assert other.run("4") == "4"
            last.execute("5")
            assert "Too many readers" in last.until("problem")["text"]
        with Reader(served, "last") as last:
            assert last.run("5") == "5"  # in the place of one who is gone
            last.send("stop")
            last.until("kernel", state="dead")
        for reader in (second, third):
            reader.send("stop")
            reader.until("kernel", state="dead")


def test_when_a_kernel_takes_too_much_memory_then_it_ends(tight):
    with Reader(tight, "greedy") as greedy:
        greedy.execute("import time\nall = bytearray(500_000_000)\ntime.sleep(20)")
        assert greedy.until("done")["status"] == "died"
        texts = [m["text"] for m in greedy.heard if m.get("state") == "dead"]
        assert texts and "300 MB" in texts[-1]


def test_when_a_kernel_is_idle_for_long_then_it_ends(tight):
    with Reader(tight, "idle") as idle:
        pid = int(idle.run("import os; os.getpid()"))
        assert "idle" in idle.until("kernel", state="dead")["text"]
        assert wait_until(lambda: not Path(f"/proc/{pid}").exists(), 2)
        assert idle.run("1") == "1"


def test_when_the_environment_is_missing_then_the_page_is_told_what_to_run(tight):
    link = tight.book.root / ".envs" / "alpha"
    target = link.readlink()
    link.unlink()
    try:
        with Reader(tight, "early") as early:
            remedy = "bookkit --tabs alpha environments"
            missing = {"state": "missing", "next": remedy}
            assert early.ready["tabs"]["alpha"] == missing
            early.execute("1")
            assert early.until("problem")["next"] == remedy
    finally:
        link.symlink_to(target)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_when_the_server_ends_then_nothing_is_left(tight, number):
    with Reader(tight, f"last-{number}") as last:
        last.execute(
            "import subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
            " start_new_session=True)\nprint('begun', flush=True)\ntime.sleep(60)"
        )
        last.until("output")
        began = time.monotonic()
        os.killpg(tight.process.pid, number)
        tight.process.wait(10)
    assert time.monotonic() - began < 2
    root = str(tight.book.root)
    assert wait_until(lambda: not processes_with(root), 3), processes_with(root)
    tight.start()


def test_when_an_environment_is_made_anew_then_new_kernels_are_of_it(tight):
    server = "import os; open(f'/proc/{os.getppid()}/stat').read().split()[3]"
    made = own_environment(tight.book) / "bookkit.json"
    with Reader(tight, "upgrading") as reader:
        before = reader.run(server)
        reader.send("restart")
        reader.until("kernel", state="restarted")
        assert reader.run(server) == before
        record = json.loads(made.read_text())
        made.write_text(json.dumps({**record, "again": True}))
        reader.send("restart")
        reader.until("kernel", state="restarted")
        assert reader.run(server) != before


def test_when_saved_code_changes_under_serve_then_its_kernels_are_told(tmp_path):
    saved = '#@save\ndef version():\n    """One."""\n    return {}'
    code = "from d2l import alpha\nalpha.version()"
    with (
        Written(tmp_path / "book", saved.format(1)) as served,
        Reader(served, "author") as author,
    ):
        assert author.run(code) == "1"
        author.until("kernel", state="idle")
        served.book.write("one", saved.format(2))
        assert "d2l" in author.until("kernel", 60)["text"]
        assert author.run(code) == "1"
        author.send("restart")
        author.until("kernel", state="restarted")
        assert author.run(code) == "2"


def test_when_the_site_is_not_built_then_reading_says_what_to_run(tmp_path):
    book = Book(tmp_path / "book", {"one": "1"})
    status, output = book.bookkit("read", "--port", "0")
    assert status == 2
    assert "the site is not built\n  next: bookkit build" in output
