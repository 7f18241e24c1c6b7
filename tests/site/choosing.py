"""What a reader sees of the choice of framework, and how one chooses."""

SHOWN = ".bk-panel:visible"
TABS_OF = "all => all.map(one => one.dataset.tab)"
BAR = ".bk-framework"
CHIP = ".bk-chip:visible"


#: Opens what is folded, as a reader may who wants to see everything.
UNFOLD = """document.querySelectorAll('article details').forEach(
  (fold) => { fold.open = true; })"""


def chosen(page):
    return page.locator("html").get_attribute("data-tab")


def default(page):
    return tabs_of_book(page)[0]


def tabs_of_book(page):
    return page.locator("html").get_attribute("data-tabs").split()


def shown_tabs(page):
    return set(page.locator(SHOWN).evaluate_all(TABS_OF))


def choose(page, tab):
    """Choose in the bar, as a click does."""
    page.locator(f'{BAR}[data-tab="{tab}"] input').click()


def choose_in_group(page, tab):
    """Choose in the menu of the first cell's chip."""
    page.locator(CHIP).first.click()
    page.locator(f'.bk-menu [data-tab="{tab}"]').click()


def note_complaints(page):
    """Return a list that fills with what scripts of the page complain of."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(f"{error} {error.stack}"))
    page.on("console", lambda message: complaints.append(message.text))
    return complaints


def scroll_to(page, top):
    page.evaluate("top => scrollTo({ top, behavior: 'instant' })", top)
    page.evaluate("new Promise(requestAnimationFrame)")
