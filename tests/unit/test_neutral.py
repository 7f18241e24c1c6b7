"""Outputs lose what names this machine, and nothing else."""

import html
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookkit.run.neutral import Neutral, nbval_text

PID = 48613
ABOUT = {
    "path": [],
    "standard": "/opt/py-3.11/lib/python3.11",
    "prefix": "/srv/深度 学习/a_book/.envs/alpha",
    "base": "/opt/py-3.11",
    "home": "/home/o'neil",
    "pid": PID,
    "host": "gpu-17",
    "user": "o'neil",
}
BOOK = Path("/srv/深度 学习/a_book")
FOLDER = BOOK / "_build/run/alpha/one"
SCRATCH = Path("/var/scratch/bookkit-77-abc_12")
PLACES = {
    str(FOLDER): ".",
    str(BOOK): ".",
    f"{BOOK}/.envs/alpha": ".venv",
    "/opt/py-3.11/lib/python3.11": "python3",
    "/home/o'neil": "~",
    str(SCRATCH): "/tmp",
}


def neutral() -> Neutral:
    return Neutral(ABOUT, (FOLDER, BOOK), SCRATCH)


NAMED = [
    (f"{BOOK}/.envs/alpha/lib/x.py:3: W", ".venv/lib/x.py:3: W"),
    ("/opt/py-3.11/lib/python3.11/json/__init__.py", "python3/json/__init__.py"),
    (f'File "{BOOK}/chapter/helper.py"', 'File "chapter/helper.py"'),
    (f"{FOLDER}/a.csv {FOLDER} {FOLDER}/", "a.csv . ./"),
    (f"在{FOLDER}里，{BOOK}。", "在.里，.。"),
    (f"PYTHONPATH={BOOK}:/home/o'neil", "PYTHONPATH=.:~"),
    (f"{SCRATCH}/out {SCRATCH}", "/tmp/out /tmp"),
    (f"file://{quote(str(BOOK))}/x.py", "x.py"),
    (quote(f"{FOLDER}/x.py", safe=""), "x.py"),
    (json.dumps(f"a\n{BOOK}/图.svg"), json.dumps("a\n图.svg")),
    (json.dumps([json.dumps(f"{BOOK}/x")]), json.dumps([json.dumps("x")])),
    (html.escape("<b>'/home/o'neil/x'"), html.escape("<b>'~/x'")),
    ("&#39;/home/o&#39;neil/x&#39;", "&#39;~/x&#39;"),
    (f"\x1b[32m{BOOK}/x.py\x1b[0m:1", "\x1b[32mx.py\x1b[0m:1"),
    (
        "\x1b[36mFile \x1b[32m/home\x1b[2m/o'neil/\x1b[0mx",
        "\x1b[36mFile \x1b[32m~/\x1b[0mx",
    ),
    ("-I/x -I/home/o'neil/i", "-I/x -I~/i"),
    ("sqlite:////home/o'neil/d.db", "sqlite:///~/d.db"),
    # Not this machine's folder
    (f"{BOOK}2/x {BOOK}-old/x {BOOK}.bak", f"{BOOK}2/x {BOOK}-old/x {BOOK}.bak"),
    ("/mnt/home/o'neil/x /home/o'neill", "/mnt/home/o'neil/x /home/o'neill"),
    ("https://example.org/home/o'neil", "https://example.org/home/o'neil"),
    ("/srv/深度 学习/a_book的/x", ".的/x"),
    ("/home /opt/py-3.12 ~/a_book", "/home /opt/py-3.12 ~/a_book"),
    # Processes
    (f"[{PID}] WARNING x", "[PID] WARNING x"),
    (f"INFO:{PID}:root", "INFO:PID:root"),
    (f"ERROR root {PID}: x", "ERROR root PID: x"),
    (
        f"pid={PID}, 'process': {PID}, 进程号 {PID}",
        "pid=PID, 'process': PID, 进程号 PID",
    ),
    (f"tensor([{PID}]) {PID}.5 pid={PID}1", f"tensor([{PID}]) {PID}.5 pid={PID}1"),
    ("/x/ipykernel_123/9.py", "/x/ipykernel/9.py"),
    (
        "<Process name='P-1' pid=12 parent=11 started>",
        "<Process name='P-1' pid=PID parent=PID started>",
    ),
    # What frameworks log
    (
        "2026-11-30 14:03:22.123456: I tensorflow/core/x.cc:210] T",
        "I tensorflow/core/x.cc:210] T",
    ),
    ("W1130 14:03:22.123456   12345 gpu_context.cc:278] P", "W gpu_context.cc:278] P"),
    ("I0000 00:00:1732963158.123456  12345 cuda.cc:1] P", "I cuda.cc:1] P"),
    ("[W1130 14:03:22.123456789 socket.cpp:759] T", "[W socket.cpp:759] T"),
    ("[14:03:22] ../src/base.cc:79: M", "../src/base.cc:79: M"),
    (
        "[c10d] o'neil@gpu-17 [gpu-17]:29500, gpu-17",
        "[c10d] user@localhost [localhost]:29500, gpu-17",
    ),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_when_an_output_names_this_machine_then_it_is_neutral(text, expected):
    assert neutral().text(text) == expected


def test_when_addresses_are_shown_then_equal_ones_stay_equal():
    one = neutral()
    first = one.text("<A object at 0x7f12345678a0> <B at 0x00007f12345678A0>, at 0x1f")
    assert first == "<A object at 0x…1> <B at 0x…1>, at 0x1f"
    second = "<weakref at 0x7f9999; to 'A' at 0x7f12345678a0> &lt;A at 0x88888&gt;"
    expected = "<weakref at 0x…2; to 'A' at 0x…1> &lt;A at 0x…3&gt;"
    assert one.text(second) == expected
    assert (
        one.text("<T(T-1, started daemon 140123456)>") == "<T(T-1, started daemon …4)>"
    )


def test_when_a_name_is_drawn_then_it_is_numbered():
    text = f"{SCRATCH}/tmpab_12x9z/x {SCRATCH}/tmpab_12x9z {SCRATCH}/tmp00000000.txt"
    assert neutral().text(text) == "/tmp/tmp…1/x /tmp/tmp…1 /tmp/tmp…2.txt"
    assert neutral().text("/tmp/tmpab_12x9z") == "/tmp/tmpab_12x9z"


def test_when_an_output_has_many_forms_then_all_texts_are_neutral_and_pictures_stay():
    path = f"{BOOK}/x"
    data = {
        "text/plain": path,
        "text/html": f"<a href='file://{quote(path)}'>",
        "image/svg+xml": f"<title>{path}</title>",
        "application/vnd.x+json": {"at": [path, 1, None, {path: True}]},
        "image/png": path,
    }
    given = {"output_type": "display_data", "metadata": {"from": path}, "data": data}
    assert neutral().output(given) == {
        "output_type": "display_data",
        "metadata": {"from": "x"},
        "data": {
            "text/plain": "x",
            "text/html": "<a href='x'>",
            "image/svg+xml": "<title>x</title>",
            "application/vnd.x+json": {"at": ["x", 1, None, {"x": True}]},
            "image/png": path,
        },
    }
    error = {"output_type": "error", "ename": "E", "evalue": path, "traceback": [path]}
    assert neutral().output(error) == {**error, "evalue": "x", "traceback": ["x"]}


def test_when_a_picture_lies_in_a_text_then_it_stays():
    at_root = Neutral(ABOUT, [Path("/w")])
    lines = ["+/w/" * 19, "/w/a" * 19, "/w/w"]
    picture = "data:image/png;base64,\n" + "\n".join(lines)
    text = f'<title>/w/x</title><image href="{picture}"/> /w/y'
    assert at_root.text(text) == f'<title>x</title><image href="{picture}"/> y'


#: Parts of outputs, among them what comes close to a machine's.
PARTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["/", "~", ".", " ", "\n", '"', "/home", "/srv/", "/tmp", "a_book", "File ~/x"]
        + [
            "0x1234",
            " at ",
            "pid",
            str(PID + 1),
            "file://",
            "\\n",
            "%2F",
            "x",
            "\x1b[0m",
        ]
    ),
)
SPELLED = st.sampled_from(
    [str, lambda path: html.escape(path), lambda path: json.dumps(path)[1:-1]]
    + [quote, lambda path: quote(path, safe=""), lambda path: path.replace("/", r"\/")]
)
#: What stands around a path on its boundaries.
AROUND = st.sampled_from(
    [" ", '"', "'", "\n", "(", "=", "在", "：", "<b>", "&quot;", ":"]
)


@settings(deadline=None)
@given(st.lists(PARTS).map("".join))
def test_when_a_text_has_nothing_of_the_machine_then_it_stays(text):
    assert neutral().text(text) == text


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PARTS).map("".join),
    st.sampled_from(sorted(PLACES)),
    SPELLED,
    AROUND,
    st.sampled_from(["", "/", "/x.py", "/文件/x", "/x/y.txt:3", "/%20x"]),
    st.lists(PARTS).map("".join),
)
@example("", "/home/o'neil", quote, " ", "/x.py", "")
def test_when_a_folder_is_named_then_it_does_not_survive(
    before, place, spell, around, inside, after
):
    text = f"{before}{around}{spell(place)}{inside}{around}{after}"
    once = neutral().text(text)
    assert spell(place) not in once
    assert neutral().text(once) == once


@settings(deadline=None)
@given(st.lists(st.one_of(PARTS, st.sampled_from(sorted(PLACES)))).map("".join))
def test_when_done_twice_then_it_is_as_once(text):
    once = neutral().text(text)
    assert neutral().text(once) == once


def test_when_nbval_compares_then_another_run_is_as_the_published_one(monkeypatch):
    monkeypatch.setenv("TMPDIR", str(SCRATCH))
    monkeypatch.setattr("tempfile.tempdir", str(SCRATCH))
    written = nbval_text([ABOUT], [FOLDER, BOOK])
    rules = re.findall("^regex: (.*)$\n^replace: (.*)$", written, re.M)
    assert len(rules) * 2 == written.count("\n")

    def compared(text: str) -> str:
        for found, to in rules:
            text = re.sub(found, to, text)
        return text

    text = (
        f"/var/scratch/ipykernel_12/34.py:2: UserWarning in {BOOK}/helper.py\n"
        f"<A at 0x7f12345678a0> {SCRATCH}/tmp01234567 {FOLDER} WARNING [{PID}] x"
    )
    published = neutral().text(
        text.replace("/var/scratch/ipykernel_12/34.py", "<cell 3>")
    )
    assert str(BOOK) not in published
    assert compared(text) == compared(published)
    assert compared(text) != compared(published + "!")
