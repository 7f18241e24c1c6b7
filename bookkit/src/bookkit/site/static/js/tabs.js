/* One choice of framework for the whole site.
 *
 * The script in the head has set <html data-tab> already, and the style sheet
 * shows the panels of that tab. This file adds the ARIA tabs pattern and the keys,
 * and changes and remembers the choice.
 */
const KEY = "bookkit-tab";
const root = document.documentElement;
const known = (root.dataset.tabs || "").split(" ").filter(Boolean);
const groups = [...document.querySelectorAll(".bk-tabs")];
const tabsOf = (group) => [...group.querySelectorAll(".bk-tab")];

function remember(tab) {
  try {
    localStorage.setItem(KEY, tab);
  } catch {
    /* Storage is blocked or full: the choice holds for this page. */
  }
  const url = new URL(location.href);
  if (url.searchParams.has("tab")) {
    url.searchParams.set("tab", tab);
    history.replaceState(history.state, "", url);
  }
}

function describe() {
  for (const group of groups) {
    const tabs = tabsOf(group);
    const chosen = tabs.find((tab) => tab.dataset.tab === root.dataset.tab);
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === (chosen || tabs[0]) ? 0 : -1;
    }
  }
  for (const box of document.querySelectorAll(".highlight pre")) {
    /* What scrolls sideways must be reachable by keyboard. */
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

function choose(tab) {
  root.dataset.tab = tab;
  describe();
}

/* Groups above the pressed tab change height: keep the tab where the finger is. */
function chooseAt(button) {
  const before = button.getBoundingClientRect().top;
  choose(button.dataset.tab);
  remember(button.dataset.tab);
  const moved = button.getBoundingClientRect().top - before;
  window.scrollBy({ top: moved, behavior: "instant" });
}

function step(tabs, current, key) {
  const last = tabs.length - 1;
  const at = tabs.indexOf(current);
  switch (key) {
    case "ArrowRight":
      return tabs[at === last ? 0 : at + 1];
    case "ArrowLeft":
      return tabs[at === 0 ? last : at - 1];
    case "Home":
      return tabs[0];
    case "End":
      return tabs[last];
    default:
      return null;
  }
}

function upgrade(group) {
  const list = group.querySelector(".bk-tablist");
  list.setAttribute("role", "tablist");
  for (const panel of group.querySelectorAll(".bk-panel")) {
    const tab = list.querySelector(`[data-tab="${panel.dataset.tab}"]`);
    tab.id = `${panel.id}-tab`;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
  }
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".bk-tab");
    if (button) chooseAt(button);
  });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = step(tabsOf(group), event.target, event.key);
    if (!target) return;
    event.preventDefault();
    chooseAt(target);
    target.focus({ preventScroll: true });
  });
}

groups.forEach(upgrade);
describe();

addEventListener("resize", describe);
/* Another window of this site, or a page that comes back from the back-forward
 * cache: follow the choice that was made meanwhile. */
addEventListener("storage", (event) => {
  if (event.key === KEY && known.includes(event.newValue)) choose(event.newValue);
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  try {
    const stored = localStorage.getItem(KEY);
    if (known.includes(stored)) choose(stored);
  } catch {
    /* Nothing is stored, nothing to follow. */
  }
});
