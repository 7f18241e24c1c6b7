"""The page for addresses without a page, and the site as one archive."""

import functools
import hashlib
import shutil
import zipfile

import pytest
from choosing import choose, note_complaints, tabs_of_book
from serving import Quiet, serve
from test_axe import findings

from bookkit.book.config import load
from bookkit.errors import UsageError
from bookkit.site.archive import write_archive


class Pages(Quiet):
    """Sends `404.html` as GitHub Pages does, below a folder that it is told of."""

    top = ""

    def translate_path(self, path):
        if not path.startswith(f"{self.top}/"):
            return super().translate_path("/not-there")
        return super().translate_path(path.removeprefix(self.top))

    def send_error(self, code, message=None, explain=None):
        page = super().translate_path("/404.html")
        with open(page, "rb") as file:
            content = file.read()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def pages_url(site_dir):
    with serve(functools.partial(Pages, directory=str(site_dir))) as url:
        yield url


@pytest.mark.parametrize("depth", ["", "chapter_computation/", "a/b/c/"])
def test_when_no_page_is_there_then_the_page_for_it_looks_right_at_any_depth(
    reader, pages_url, depth
):
    page = reader().new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    answer = page.goto(f"{pages_url}/{depth}not-there.html")
    assert answer.status == 404
    assert page.get_by_role("heading", name="没有这一页").is_visible()
    choose(page, tabs_of_book(page)[-1])
    assert page.evaluate("document.styleSheets.length") == 1
    assert failed == []
    page.locator("#missing-question").fill("参数")
    page.locator(".bk-missing-search button").click()
    page.locator("#search-results a").first.click()
    assert page.url.startswith(f"{pages_url}/chapter_computation/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_no_page_is_there_then_axe_finds_nothing(reader, pages_url, scheme):
    page = reader(color_scheme=scheme).new_page()
    page.goto(f"{pages_url}/not-there.html")
    assert findings(page) == []


@pytest.fixture
def book(tmp_path, whole_book):
    root = shutil.copytree(whole_book, tmp_path / "book")
    return load(root)


def test_when_the_site_is_packed_then_it_is_read_from_its_files(book, tmp_path, reader):
    path = write_archive(book)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
        assert not [one for one in archive.namelist() if one.endswith("-site.zip")]
    (top,) = (tmp_path / "out").iterdir()
    page = reader().new_page()
    said = note_complaints(page)
    page.goto((top / "index.html").as_uri())
    assert page.locator("article a", has_text="离线").count() == 0
    page.get_by_role("link", name="使用").first.click()
    assert page.get_by_role("heading", name="使用").is_visible()
    assert said == []


def test_when_the_site_is_packed_then_the_first_page_offers_it(book, reader):
    path = write_archive(book)
    page = reader().new_page()
    page.goto((book.output / "html" / "index.html").as_uri())
    link = page.locator("article a", has_text="离线")
    assert link.get_attribute("href") == "_notebooks/small-site.zip"
    assert f"{path.stat().st_size / 1_000_000:.1f} MB" in link.inner_text()
    with pytest.raises(UsageError, match="next: make html"):
        write_archive(book)


def test_when_the_same_site_is_packed_again_then_the_bytes_are_the_same(book, tmp_path):
    digests = set()
    first = book.output / "html" / "index.html"
    text = first.read_text(encoding="utf-8")
    for _ in range(2):
        first.write_text(text, encoding="utf-8")
        digests.add(hashlib.sha256(write_archive(book).read_bytes()).digest())
    assert len(digests) == 1
