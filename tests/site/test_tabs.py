"""One choice of framework: the whole site follows it."""

import pytest

SHOWN = ".bk-panel:visible"
CHOSEN = '.bk-tab[aria-selected="true"]:visible'


def shown_tabs(page):
    """Return the tabs whose panels a reader sees."""
    panels = page.locator(SHOWN)
    return set(panels.evaluate_all("all => all.map(panel => panel.dataset.tab)"))


def other_tab(page):
    """Return a tab of the first group that is not chosen."""
    names = page.locator(".bk-tabs").first.locator(".bk-tab")
    tabs = names.evaluate_all("all => all.map(tab => tab.dataset.tab)")
    return tabs[-1]


def choose(page, tab):
    page.locator(f'.bk-tab[data-tab="{tab}"]').first.click()


@pytest.fixture
def section(sections, site_url):
    return f"{site_url}/{sections[0]}"


def test_when_a_new_reader_comes_then_the_default_tab_shows(reader, section):
    page = reader().new_page()
    page.goto(section)
    default = page.locator("html").get_attribute("data-tabs").split()[0]
    assert shown_tabs(page) == {default}


def test_when_a_tab_is_clicked_then_every_group_follows(reader, section):
    page = reader().new_page()
    page.goto(section)
    tab = other_tab(page)
    groups = page.locator(f'.bk-tabs:has(.bk-tab[data-tab="{tab}"])').count()
    choose(page, tab)
    assert shown_tabs(page) == {tab}
    assert page.locator(SHOWN).count() == groups > 1
    labels = page.locator(CHOSEN).evaluate_all("all => all.map(t => t.dataset.tab)")
    assert labels == [tab] * groups


def test_when_chosen_then_remembered_after_reload_and_elsewhere(
    reader, sections, site_url
):
    page = reader().new_page()
    page.goto(f"{site_url}/{sections[1]}")
    tab = other_tab(page)
    page.goto(f"{site_url}/{sections[0]}")
    choose(page, tab)
    page.reload()
    assert shown_tabs(page) == {tab}
    page.goto(f"{site_url}/{sections[1]}")
    assert shown_tabs(page) == {tab}


def test_when_a_tab_is_clicked_then_it_stays_under_the_pointer(reader, section):
    page = reader().new_page()
    page.goto(section)
    # Chromium anchors the scroll position by itself; not every browser does.
    page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { overflow-anchor: none !important; }");
      document.adoptedStyleSheets = [sheet];
    }""")
    # Elements, not a locator: with another tab another group may be the last.
    last = page.locator(".bk-tablist:visible").last.locator(".bk-tab")
    buttons = [button.element_handle() for button in last.all()]
    for button in buttons[1:]:
        button.scroll_into_view_if_needed()
        before = button.bounding_box()["y"]
        button.click()
        assert abs(button.bounding_box()["y"] - before) < 2


def test_when_the_address_names_a_tab_then_it_shows(reader, section):
    page = reader().new_page()
    page.goto(section)
    tab = other_tab(page)
    page.goto(f"{section}?tab={tab}")
    assert shown_tabs(page) == {tab}


@pytest.mark.parametrize("unknown", ["fortran", "", "%22%3E%3Cscript%3E", "__proto__"])
def test_when_the_address_names_no_tab_of_ours_then_the_default_shows(
    reader, section, unknown
):
    page = reader().new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(f"{section}?tab={unknown}")
    default = page.locator("html").get_attribute("data-tabs").split()[0]
    assert shown_tabs(page) == {default}
    assert errors == []


def test_when_storage_is_blocked_then_switching_still_works(reader, section):
    context = reader()
    context.add_init_script(
        'for (const name of ["getItem", "setItem"]) Storage.prototype[name] = '
        '(key) => { if (key === "bookkit-tab") throw new Error("blocked"); }'
    )
    page = context.new_page()
    page.goto(section)
    tab = other_tab(page)
    choose(page, tab)
    assert shown_tabs(page) == {tab}


def test_when_an_old_choice_is_gone_then_the_default_shows(reader, section):
    context = reader()
    context.add_init_script('localStorage.setItem("bookkit-tab", "theano")')
    page = context.new_page()
    page.goto(section)
    default = page.locator("html").get_attribute("data-tabs").split()[0]
    assert shown_tabs(page) == {default}


def test_when_keys_are_pressed_then_choice_and_focus_move(reader, section):
    page = reader().new_page()
    page.goto(section)
    group = page.locator(".bk-tabs").first
    tabs = group.locator(".bk-tab").evaluate_all("all => all.map(t => t.dataset.tab)")
    group.locator(".bk-tab").first.focus()
    for key, expected in [
        ("ArrowRight", tabs[1]),
        ("End", tabs[-1]),
        ("ArrowRight", tabs[0]),
        ("ArrowLeft", tabs[-1]),
        ("Home", tabs[0]),
    ]:
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.dataset.tab") == expected, key
        assert shown_tabs(page) == {expected}, key


def test_when_tabbing_then_a_group_is_one_stop_with_visible_focus(reader, section):
    page = reader().new_page()
    page.goto(section)
    group = page.locator(".bk-tabs").first
    assert group.locator('.bk-tab[tabindex="0"]').count() == 1
    heading = page.locator("h1").first
    heading.evaluate("title => { title.tabIndex = -1; title.focus(); }")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate('document.activeElement.classList.contains("bk-tab")'):
            break
    focus = "(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])"
    style, width = page.evaluate(f"{focus}(getComputedStyle(document.activeElement))")
    assert page.evaluate('document.activeElement.classList.contains("bk-tab")')
    assert style == "solid"
    assert float(width.removesuffix("px")) >= 2


def test_when_read_aloud_then_the_groups_are_tab_lists(reader, section):
    page = reader().new_page()
    page.goto(section)
    group = page.locator(".bk-tabs").first
    assert group.get_by_role("tablist").get_attribute("aria-label")
    tab = group.get_by_role("tab", selected=True)
    panel = group.get_by_role("tabpanel")
    assert tab.get_attribute("aria-controls") == panel.get_attribute("id")
    assert panel.get_attribute("aria-labelledby") == tab.get_attribute("id")


def test_when_javascript_is_off_then_every_tab_shows_with_its_label(
    reader, sections, site_url
):
    page = reader(java_script_enabled=False).new_page()
    for section in sections:
        page.goto(f"{site_url}/{section}")
        panels = page.locator(".bk-panel")
        assert page.locator(SHOWN).count() == panels.count() > 1
        labels = page.locator(".bk-panel-label")
        assert labels.count() == panels.count()
        for position in range(labels.count()):
            assert labels.nth(position).is_visible()
            assert labels.nth(position).inner_text().strip()
        assert page.locator(".bk-tab:visible").count() == 0


def test_when_printed_then_the_chosen_tab_shows_with_its_label(reader, section):
    page = reader().new_page()
    page.goto(section)
    tab = other_tab(page)
    choose(page, tab)
    page.emulate_media(media="print")
    assert shown_tabs(page) == {tab}
    assert page.locator(".bk-tab:visible").count() == 0
    labels = page.locator(".bk-panel-label:visible")
    assert labels.count() == page.locator(SHOWN).count()


def test_when_a_stored_choice_is_applied_then_nothing_moves(reader, section):
    context = reader()
    first = context.new_page()
    first.goto(section)
    tab = other_tab(first)
    choose(first, tab)
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries()) window.shift += entry.value;"
        '}).observe({ type: "layout-shift", buffered: true });'
    )
    page.goto(section, wait_until="load")
    page.wait_for_function('document.querySelector(".bk-tab[role=tab]") !== null')
    assert shown_tabs(page) == {tab}
    assert page.evaluate("window.shift") < 0.01
