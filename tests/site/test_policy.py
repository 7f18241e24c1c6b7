"""The Content-Security-Policy that docs/hosting.md tells: no more than is needed."""

import base64
import functools
import hashlib
import re

import pytest
from one_page import display, ran
from serving import Quiet, read_policy, serve

from bookkit.site.policy import POLICY

SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
TAG = re.compile(r"<[a-zA-Z][^<>]*>")
OWN_STYLE_OR_SCRIPT = re.compile(r'\s(style|on[a-z]+)="|="\s*javascript:')


def hash_of(script):
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def directives():
    parts = (part.split() for part in read_policy().split(";"))
    return {name: set(sources) for name, *sources in parts}


def test_when_the_policy_is_read_then_it_allows_nothing_unsafe():
    allowed = directives()
    assert allowed["default-src"] == {"'none'"}
    assert "unsafe" not in read_policy()
    assert {"base-uri", "form-action", "frame-ancestors"} <= set(allowed)
    hosts = [source for sources in allowed.values() for source in sources]
    assert [host for host in hosts if "." in host or "*" in host] == []


def test_when_our_own_server_sends_the_policy_then_it_is_the_one_we_tell():
    assert read_policy() == POLICY


def test_when_the_policy_names_a_hash_then_it_is_of_what_the_theme_inlines(texts):
    inline = {script for html in texts.values() for script in SCRIPT.findall(html)}
    assert len(inline) == 1, inline
    assert "document.body.dataset.theme" in next(iter(inline))
    assert directives()["script-src"] == {"'self'", *map(hash_of, inline)}


def test_when_built_then_no_page_has_styles_or_handlers_of_its_own(texts):
    for name, html in texts.items():
        assert "<style" not in html, name
        found = [tag for tag in TAG.findall(html) if OWN_STYLE_OR_SCRIPT.search(tag)]
        assert found == [], name


def test_when_something_got_into_a_page_then_the_policy_stops_it(read):
    page = read("index.html")
    stopped = page.evaluate("""() => new Promise((resolve) => {
      const stopped = [];
      addEventListener("securitypolicyviolation", (event) => {
        stopped.push(event.effectiveDirective);
        if (stopped.length === 6) resolve(stopped.sort());
      });
      const box = document.createElement("div");
      box.innerHTML = '<img src="https://elsewhere.invalid/a.png">'
        + '<img src="nothing.png" onerror="window.caught = true">'
        + '<p style="color: red">red</p>'
        + '<iframe src="https://elsewhere.invalid/"></iframe>'
        + '<form action="https://elsewhere.invalid/"></form>';
      document.body.append(box);
      box.querySelector("form").submit();
      const script = document.createElement("script");
      script.textContent = "window.caught = true";
      document.body.append(script);
    })""")
    assert stopped == [
        *("form-action", "frame-src", "img-src"),
        *("script-src-attr", "script-src-elem", "style-src-attr"),
    ]
    assert page.evaluate("window.caught") is None


class Without(Quiet):
    policy = "default-src * 'unsafe-inline'"


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize(("server", "caught"), [(Quiet, None), (Without, True)])
def test_when_an_output_has_a_script_then_the_policy_alone_stops_it(
    one, reader, tmp_path, server, caught
):
    output = display(text_html="<p>shown</p><script>window.caught = true</script>")
    made = one.made("# 页\n\n```{.python .input}\nx\n```\n", [ran("x", output)])
    (tmp_path / "one.html").write_text(made.html, encoding="utf-8")
    with serve(functools.partial(server, directory=str(tmp_path))) as address:
        page = reader().new_page()
        page.goto(f"{address}/one.html")
        assert page.get_by_text("shown").count() == 1
        assert page.evaluate("window.caught") == caught
