/* Tab groups: the ARIA tabs pattern and its keys, on what shows one after the other.
 * The row of tabs says what the panels' own labels say: it is no part of the page. */
const groups = [...document.querySelectorAll(".bk-tabs")];
const tabsOf = (group) => [...group.querySelectorAll(".bk-tab")];

function describe() {
  for (const group of groups) {
    const tabs = tabsOf(group);
    const chosen = tabs.find((tab) => tab.dataset.tab === root.dataset.tab);
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === (chosen || tabs[0]) ? 0 : -1;
    }
  }
}

function chooseAt(button, isByKey) {
  choose({ tab: button.dataset.tab }, { pressed: button, isByKey });
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

function tabFor(panel, number) {
  const { tab } = panel.dataset;
  const button = document.createElement("button");
  panel.id = `bk-${number}-${tab}`;
  button.id = `${panel.id}-tab`;
  button.className = "bk-tab";
  button.dataset.tab = tab;
  button.textContent = panel.querySelector(".bk-panel-label").textContent;
  button.setAttribute("role", "tab");
  button.setAttribute("aria-controls", panel.id);
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", button.id);
  return button;
}

function upgrade(group, number) {
  const list = document.createElement("div");
  list.className = "bk-tablist";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", BOOKKIT_CHOOSE);
  const panels = group.querySelectorAll(".bk-panel");
  list.append(...[...panels].map((panel) => tabFor(panel, number)));
  group.prepend(list);
  list.addEventListener("click", (event) => {
    const button = event.target.closest(".bk-tab");
    if (button) chooseAt(button, false);
  });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = step(tabsOf(group), event.target, event.key);
    if (!target) return;
    event.preventDefault();
    chooseAt(target, true);
    target.focus({ preventScroll: true });
  });
}

groups.forEach(upgrade);
describe();

document.addEventListener("bookkit:tab", describe);
