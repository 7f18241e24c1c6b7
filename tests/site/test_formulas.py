"""Formulas look right, also on a machine that has no font made for them."""

import os

import pytest
from browsers import start_chromium

from bookkit.book.formulas import mathml

# All that the machine has, but fonts of formulas.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <selectfont><rejectfont><glob>*Math*</glob></rejectfont></selectfont>
</fontconfig>
"""
FORMULAS = {
    "brace": r"f(x) = \begin{cases} x & x > 0 \\ 0 & x = 0 \\ -x & x < 0 \end{cases}",
    "bracket": r"\begin{pmatrix} a & b \\ c & d \\ e & f \end{pmatrix}",
    "parenthesis": r"\left(\frac{\frac{a}{b}}{\frac{c}{d}}\right)",
}
FONT = "bookkit-math.woff2"
# How much of the height of what it encloses a sign has.
HEIGHTS = """async (formulas) => {
  const heights = {};
  const article = document.querySelector("article section");
  article.insertAdjacentHTML("beforeend", "<p>" + Object.values(formulas).join(" "));
  await document.fonts.ready;
  const all = [...article.lastElementChild.querySelectorAll("math")];
  const height = (part) => part.getBoundingClientRect().height;
  Object.keys(formulas).forEach((name, at) => {
    const sign = [...all[at].querySelectorAll("mo")]
      .find((part) => "({".includes(part.textContent) && part.closest("mrow"));
    heights[name] = height(sign) / height(sign.nextElementSibling);
  });
  return heights;
}"""


@pytest.fixture(scope="module")
def plain_browser(driver, tmp_path_factory):
    """Return a Chromium that finds no font of formulas."""
    file = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    file.write_text(FONTS, encoding="utf-8")
    env = {**os.environ, "FONTCONFIG_FILE": str(file)}
    browser = start_chromium(driver.chromium, env=env)
    yield browser
    browser.close()


@pytest.mark.parametrize("arrives", [False, True], ids=["blocked", "loaded"])
def test_when_the_machine_has_no_font_of_formulas_then_ours_stretches_signs(
    plain_browser, sections, site_url, arrives
):
    page = plain_browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    if not arrives:
        page.route(f"**/{FONT}", lambda route: route.abort())
    page.goto(f"{site_url}/{sections[0]}")
    formulas = {name: mathml(text, block=False) for name, text in FORMULAS.items()}
    heights = page.evaluate(HEIGHTS, formulas)
    assert any(url.endswith(FONT) for url in asked)
    # Without it a sign stays as high as a letter: this is how one sees what it does.
    stretched = {name: height > 0.9 for name, height in heights.items()}
    assert stretched == dict.fromkeys(FORMULAS, arrives), heights
    page.close()


def test_when_the_machine_has_a_font_of_formulas_then_ours_is_not_asked_for(
    browser, sections, site_url
):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site_url}/{sections[0]}")
    formulas = {name: mathml(text, block=False) for name, text in FORMULAS.items()}
    heights = page.evaluate(HEIGHTS, formulas)
    has_none = page.evaluate("""() => {
      const known = ["Latin Modern Math", "STIX Two Math", "Cambria Math",
        "Libertinus Math", "DejaVu Math TeX Gyre"];
      // `document.fonts.check` says yes to fonts that nobody has
      const pen = document.createElement("canvas").getContext("2d");
      const width = (font) => (pen.font = `72px ${font}`, pen.measureText("gM∑").width);
      return !known.some((font) => ["serif", "monospace"].every(
        (other) => width(`"${font}", ${other}`) !== width(other)));
    }""")
    assert min(heights.values()) > 0.9, heights
    assert any(url.endswith(FONT) for url in asked) == has_none
