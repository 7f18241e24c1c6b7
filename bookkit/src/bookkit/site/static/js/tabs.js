/* Tab groups: the ARIA tabs pattern and its keys, on what shows one after the other. */
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
