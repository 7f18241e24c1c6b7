"""What a book's code may do, and which commands run it."""

import os
import socket

from faulty_books import SITE_CONFIG, Book

ACTS = """
import os, socket, subprocess
folder = {folder!r}
open(folder + '/read').read()
open(folder + '/written', 'w').close()
os.remove(folder + '/deleted')
subprocess.run(['true'], check=True)
socket.create_connection(('127.0.0.1', {port})).close()
os.getuid()
"""
TELLS = "open({file!r}, 'a').write('{word} ')"


def test_when_a_cell_acts_then_with_the_rights_of_who_builds(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("read", "deleted"):
        (folder / name).touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = ACTS.format(folder=str(folder), port=port)
        book = Book(tmp_path / "book", {"one": code})
        book.passes("run")
        server.accept()[0].close()
    assert sorted(path.name for path in folder.iterdir()) == ["read", "written"]
    (entry,) = book.root.glob("_build/cache/*/*.json")
    assert f'"text/plain": "{os.getuid()}"' in entry.read_text()


def test_when_a_book_is_checked_or_explained_then_nothing_of_it_runs(tmp_path):
    told = tmp_path / "told"

    def tells(word: str) -> str:
        return TELLS.format(file=str(told), word=word)

    modules = tmp_path / "modules"
    modules.mkdir()
    setup = "def setup(app):\n    return {'parallel_read_safe': True}\n"
    (modules / "loaded.py").write_text(f"{tells('extension')}\n{setup}")
    config = SITE_CONFIG.replace(
        "bookkit.site.extension", "bookkit.site.extension loaded"
    ).replace("sphinx_configs =\n", f"sphinx_configs =\n    {tells('config')}\n")
    book = Book(tmp_path / "book", {"one": tells("cell")}, config)
    before = os.environ.get("PYTHONPATH", "")
    path = {"PYTHONPATH": f"{modules}{os.pathsep}{before}"}
    for words in (["check"], ["explain"], ["explain", "one.md"]):
        book.passes(*words, **path)
    assert not told.exists()
    book.passes("build", **path)
    assert {"cell", "config", "extension"} == set(told.read_text().split())
    was = told.read_text()
    for words in (["check"], ["explain"]):
        book.passes(*words, **path)
    assert told.read_text() == was
