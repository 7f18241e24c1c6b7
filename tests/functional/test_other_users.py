"""What another user of this machine can read of a build, and what that user cannot."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import SITE_CONFIG, Book, processes_with, wait_until
from strangers import as_nobody, only_root

pytestmark = only_root
#: Tells where its connection file is, and prints until it is told to go on. What waits
#: for the kernel is looked at between its cells.
TICKING = """
import ipykernel, pathlib, time
pathlib.Path('part').write_text(ipykernel.get_connection_file())
pathlib.Path('part').rename('here')
while not pathlib.Path('go').exists():
    print('ticked', flush=True)
    time.sleep(0.1)
---
time.sleep(0.5)
"""
#: Hears what kernels publish, and orders them to make a file, on whatever channels
#: they have. The last word is a key.
ATTACK = """
def order(key, target):
    header = dict(msg_id="1", session="1", username="x", date="2026-01-01T00:00:00Z",
                  msg_type="execute_request", version="5.3")
    content = dict(code=f"open({target!r}, 'w').close()", silent=True,
                   store_history=False, user_expressions={}, allow_stdin=False)
    parts = [json.dumps(one).encode() for one in (header, {}, {}, content)]
    signed = hmac.new(key.encode(), b"".join(parts), "sha256").hexdigest()
    return [b"<IDS|MSG>", signed.encode() if key else b"", *parts]

file, target, key = sys.argv[1:]
try:
    open(file)
    print("opened")
except PermissionError:
    print("closed")
context = zmq.Context()
heard, sent = context.socket(zmq.SUB), []
heard.subscribe(b"")
heard.rcvtimeo = 10_000
with open("/proc/net/unix") as rows:
    names = {row.split()[-1] for row in rows if "@jupyter-" in row}
for name in names:
    heard.connect(f"ipc://{name}")
    sent.append(context.socket(zmq.DEALER))
    sent[-1].connect(f"ipc://{name}")
    for words in ([b"junk"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b""], order(key, target)):
        sent[-1].send_multipart(words)
while b"ticked" not in b"".join(heard.recv_multipart()):
    pass
print("heard")
time.sleep(1)
context.destroy(linger=0)
"""
WALK = """
for at, _, names in os.walk(sys.argv[1]):
    for name in names:
        try:
            open(os.path.join(at, name)).close()
            print(os.path.join(at, name))
        except OSError:
            pass
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a folder that others may enter, which those of pytest are not."""
    made = Path(tempfile.mkdtemp(prefix="t"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def start(
    book: Book, umask: int, *arguments: str, **variables: str
) -> subprocess.Popen[str]:
    """Start a command whose files have the modes that `umask` gives."""
    before = os.umask(umask)
    try:
        return book.start(*arguments, **variables)
    finally:
        os.umask(before)


@pytest.mark.parametrize("options", [(), ("--spawn",)], ids=["prefork", "spawn"])
def test_when_a_cell_prints_then_another_user_hears_it_and_cannot_order(place, options):
    for name in ("tmp", "home"):
        (place / name).mkdir()
        (place / name).chmod(0o1777)
    book = Book(place / "book", {"one": TICKING})
    variables = {"TMPDIR": str(place / "tmp"), "HOME": str(place / "home")}
    process = start(book, 0, "run", *options, **variables)
    working = book.root / "_build" / "run" / "alpha" / "one.md"
    assert wait_until((working / "here").exists, 60)
    file = Path((working / "here").read_text())
    key = json.loads(file.read_text())["key"]
    assert file.stat().st_mode & 0o077 == 0
    # What others could open there would be of use to nobody else
    assert as_nobody(WALK, str(place / "tmp")) == ""
    having = [path for path in place.rglob("*") if path.is_file() and path != file]
    assert [path for path in having if key.encode() in path.read_bytes()] == []
    assert processes_with(key) == []
    imports, target = "sys, json, hmac, time, zmq", place / "made"
    for wrong in ("", "wrong", key[:-1]):
        said = as_nobody(ATTACK, str(file), str(target), wrong, imports=imports)
        assert said == "closed\nheard\n"
    (working / "go").touch()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert not target.exists()
    (entry,) = book.root.glob("_build/cache/*/*.json")
    (shown,) = json.loads(entry.read_text())["result"]["cells"][0]["outputs"]
    assert set(shown["text"].split()) == {"ticked"}


def test_when_somebody_has_the_key_then_the_kernel_obeys(place):
    """The attack above fails for want of the key, and of nothing else."""
    book = Book(place / "book", {"one": TICKING})
    process = book.start("run")
    working = book.root / "_build" / "run" / "alpha" / "one.md"
    assert wait_until((working / "here").exists, 60)
    file = Path((working / "here").read_text())
    key = json.loads(file.read_text())["key"]
    imports = "sys, json, hmac, time, zmq"
    as_nobody(ATTACK, str(file), str(place / "made"), key, imports=imports)
    (working / "go").touch()
    process.communicate(timeout=60)
    assert (place / "made").exists()


@pytest.mark.parametrize(("umask", "are_seen"), [(0o077, False), (0o022, True)])
def test_when_built_then_others_read_what_the_umask_leaves_them(place, umask, are_seen):
    book = Book(place / "book", {"one": "6 * 7"}, SITE_CONFIG)
    shutil.rmtree(book.root / "_build")
    process = start(book, umask, "build")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    seen = as_nobody(WALK, str(book.root / "_build")).split()
    for wanted in ("html/one.html", "notebooks/alpha/one.ipynb", "cache/"):
        assert any(f"_build/{wanted}" in path for path in seen) == are_seen, wanted
    assert are_seen or seen == []


def test_when_another_user_has_folders_like_ours_then_they_stay(place):
    place.chmod(0o1777)
    make = (
        "gone = os.fork()\nif not gone: os._exit(0)\nos.wait()\n"
        "folder = f'{sys.argv[1]}/bookkit-{gone}-x'\nos.mkdir(folder)\n"
        "open(f'{folder}/theirs', 'w').close()\n"
        "os.symlink(sys.argv[2], f'{sys.argv[1]}/bookkit-{gone}-y')"
    )
    ours = place / "ours"
    ours.mkdir()
    as_nobody(make, str(place), str(ours))
    ask = "from bookkit import temporary; print(temporary.folder())"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=True,
    )
    made = Path(done.stdout.strip())
    assert made.parent == place and not made.exists()
    assert ours.is_dir() and len(list(place.glob("bookkit-*-x/theirs"))) == 1
    assert len(list(place.glob("bookkit-*-y"))) == 1
