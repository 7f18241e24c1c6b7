"""What `bookkit serve` takes for a source: saving anything else builds nothing."""

import asyncio
import socket

import pytest
from small_books import CONFIG, code, write_book

from bookkit.kernels import prefork
from bookkit.serve.addresses import means_us
from bookkit.serve.sources import Sources, watch
from bookkit.serve.worker import Worker

BOOK = CONFIG.replace(
    "notebooks = *.md */*.md",
    "notebooks = *.md */*.md\nexclusions = README.md tool/*.md\nresources = img",
)
SOURCES = {
    "config.ini": BOOK,
    "index.md": "# Small\n",
    "small.bib": "",
    "chapter/one.md": code("alpha", "#@data numbers/a.csv", "1"),
    "chapter/figure.svg": "",
    "img/deep/figure.svg": "",
    "img/deep/note.txt": "",
    "numbers/a.csv": "",
    "envs/alpha.txt": "",
}
OTHERS = {
    "README.md": "",
    "tool/notes.md": "",
    "tool/tool.py": "",
    "numbers/b.csv": "",
    "chapter/.one.md.swp": "",
    "chapter/one.md~": "",
    "chapter/#one.md#": "",
    "chapter/4913": "",
    "chapter/deep/er/two.md": "",
    "small/alpha.py": "",
    "_build/chapter/one.md": "",
    ".envs/alpha/one.md": "",
    ".git/one.md": "",
}


def test_when_a_package_is_swapped_then_what_was_imported_goes(tmp_path, monkeypatch):
    stopped: list[bool] = []
    monkeypatch.setattr(prefork, "stop_all", lambda: stopped.append(True))
    config = write_book(tmp_path, SOURCES, BOOK)
    packages = tmp_path / ".envs" / "alpha" / "lib" / "python3.11" / "site-packages"
    (packages / "lib-1.0+cpu.dist-info").mkdir(parents=True)
    worker = Worker({"root": str(tmp_path), "tabs": [], "verbose": False})
    for _ in range(2):
        worker._renew_servers(config)
    assert stopped == []
    (packages / "lib-1.0+cpu.dist-info").rename(packages / "lib-1.0+gpu.dist-info")
    worker._renew_servers(config)
    assert stopped == [True]


def test_when_a_book_is_watched_then_its_sources_and_nothing_else_count(tmp_path):
    config = write_book(tmp_path, {**SOURCES, **OTHERS}, BOOK)
    sources = Sources(config)
    assert set(sources.snapshot()) == set(SOURCES)
    watched = {path.relative_to(tmp_path).as_posix() for path in sources.folders()}
    assert not watched & {"_build", ".envs", ".git", "small"}


def test_when_config_is_broken_then_the_last_good_one_counts(tmp_path):
    sources = Sources(write_book(tmp_path, SOURCES, BOOK))
    (tmp_path / "config.ini").write_text("[")
    assert set(sources.snapshot()) >= {"config.ini", "chapter/one.md", "envs/alpha.txt"}


@pytest.mark.parametrize("polling", ["false", "true"])
def test_when_a_section_is_in_a_new_folder_then_it_wakes(
    tmp_path, polling, monkeypatch
):
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", polling)
    sources = Sources(write_book(tmp_path, SOURCES, BOOK))
    seen = sources.snapshot()

    async def until_it_differs():
        events = watch(sources)
        await asyncio.sleep(0)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "two.md").write_text("# Two\n")
        await waiting
        while sources.snapshot() == seen:
            await anext(events)
        await events.aclose()  # type: ignore[attr-defined]

    asyncio.run(asyncio.wait_for(until_it_differs(), 10))
    assert "new/two.md" in sources.snapshot()


def test_when_all_addresses_are_served_then_numbers_count_and_names_do_not():
    assert means_us("192.168.1.7:8000", "0.0.0.0")
    assert means_us(f"{socket.gethostname()}:8000", "0.0.0.0")
    assert not means_us("rebound.example:8000", "0.0.0.0")
    assert not means_us("192.168.1.7:8000", "127.0.0.1")
    assert means_us("box.local:80", "Box.local")
