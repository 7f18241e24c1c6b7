"""The Content-Security-Policy that docs/hosting.md tells: no more than is needed."""

import base64
import hashlib
import re

from serving import read_policy

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
        if (stopped.length === 4) resolve(stopped.sort());
      });
      const box = document.createElement("div");
      box.innerHTML = '<img src="https://elsewhere.invalid/a.png">'
        + '<img src="nothing.png" onerror="window.caught = true">'
        + '<p style="color: red">red</p>';
      document.body.append(box);
      const script = document.createElement("script");
      script.textContent = "window.caught = true";
      document.body.append(script);
    })""")
    wanted = ["img-src", "script-src-attr", "script-src-elem", "style-src-attr"]
    assert stopped == wanted
    assert page.evaluate("window.caught") is None
