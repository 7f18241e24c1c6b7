"""Everything by keyboard: reached, seen, named, in a sensible order, and left again."""

import pytest
from browsers import DESKTOP, PHONE

# What has the focus, and whether it is seen: by an outline of its own or of what
# stands for it (the label of a box, the frame of a field).
FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const outlined = (part) => part && ["", "::after"].some((where) => {
    const { outlineStyle, outlineWidth, opacity } = getComputedStyle(part, where);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && opacity > 0;
  });
  const icon = { __navigation: ".nav-overlay-icon", __toc: ".toc-overlay-icon" }[at.id];
  const icons = icon ? [...document.querySelectorAll(`${icon} .icon`)] : [];
  const frame = at.closest("label, form, .bk-search-place");
  const stand = [at, at.nextElementSibling, frame, ...icons];
  const shown = stand.filter(outlined).some((part) => part.getClientRects().length);
  const box = at.getBoundingClientRect();
  return {
    what: at.outerHTML.slice(0, 100),
    name: (at.ariaLabel || at.labels?.[0]?.innerText || at.innerText || "").trim(),
    shown,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0,
    drawer: at.closest("aside")?.className,
    top: at.closest("article") ? Math.round(box.top + scrollY) : null,
  };
}"""
MOST_STEPS = 400


def steps(page):
    """Press Tab until the focus leaves the page; return what had it."""
    found = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return found
        found.append(focused)
    raise AssertionError(f"the focus does not leave the page: {found[-1]}")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("where", ["section", "search"])
def test_when_tab_is_pressed_then_the_focus_is_seen_named_and_goes_down(
    reader, sections, site_url, where, viewport
):
    address = sections[0] if where == "section" else "search.html?q=参数"
    page = reader(viewport=viewport, reduced_motion="reduce").new_page()
    page.goto(f"{site_url}/{address}")
    if where == "search":
        page.wait_for_selector("#search-results li a")
        page.evaluate("document.activeElement.blur()")
    found = steps(page)
    assert len(found) > 10
    assert [step["what"] for step in found if not step["shown"]] == []
    assert [step["what"] for step in found if not step["name"]] == []
    assert [step["what"] for step in found if not step["inside"]] == []
    tops = [step["top"] for step in found if step["top"] is not None]
    # Parts of one line may differ by a few pixels.
    jumps = [(a, b) for a, b in zip(tops, tops[1:], strict=False) if b < a - 24]
    assert jumps == []
    if viewport is PHONE:
        assert not any(step["drawer"] for step in found), (
            "a closed drawer has the focus"
        )


def test_when_the_first_key_is_tab_then_one_can_skip_to_the_text(read):
    page = read(reduced_motion="reduce")
    page.keyboard.press("Tab")
    link = page.evaluate(FOCUSED)
    assert link["name"] == "跳到正文"
    assert link["inside"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


@pytest.mark.parametrize("drawer", ["__navigation", "__toc"])
def test_when_a_drawer_is_opened_by_keyboard_then_it_is_entered_and_left(read, drawer):
    page = read(viewport=PHONE)
    box = page.locator(f"#{drawer}")
    box.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["drawer"]
    page.keyboard.press("Escape")
    assert not box.is_checked()
    assert page.evaluate("document.activeElement.id") == drawer
    box.press("Space")
    page.keyboard.press("Shift+Tab")
    assert not box.is_checked(), "the focus is below the drawer that covers it"


def test_when_a_heading_is_chosen_in_the_drawer_then_it_closes(read):
    page = read(viewport=PHONE, reduced_motion="reduce")
    page.locator("#__toc").press("Space")
    page.keyboard.press("Enter")
    assert not page.locator("#__toc").is_checked()
    assert page.evaluate("location.hash")


def test_when_the_tree_is_opened_by_keyboard_then_its_pages_show(read):
    page = read("index.html")
    box = page.locator(".toctree-checkbox").first
    below = page.locator(".sidebar-tree li.has-children > ul").first
    before = below.is_visible()
    box.press("Space")
    assert below.is_visible() is not before


def test_when_colours_are_changed_by_keyboard_then_the_choice_is_said(read):
    page = read(color_scheme="light")
    button = page.locator(".theme-toggle:visible")
    said = []
    for _ in range(3):
        button.press("Enter")
        name = button.get_attribute("aria-label")
        statuses = page.locator("[role=status]").all_inner_texts()
        assert name in statuses
        said.append((name, page.locator("body").get_attribute("data-theme")))
    assert said == [
        ("配色：深色", "dark"),
        ("配色：浅色", "light"),
        ("配色：跟随系统", "auto"),
    ]
    button.press("Enter")
    page.reload()
    assert page.locator("body").get_attribute("data-theme") == "dark"
