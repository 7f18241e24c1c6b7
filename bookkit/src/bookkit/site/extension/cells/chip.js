/* A chip at the corner of each cell that has other versions: it names the framework, and
 * opens the others. One menu serves all chips, and is made when it is first asked for.
 * What a chip says is fixed: choosing a framework changes no element of the page. */
const chipWords = BOOKKIT_CHIP;
const titleIn = (panel) => panel.querySelector(".bk-panel-label").textContent;
/* Of a panel its own code, rather than code in a hint that is folded away. */
const codeIn = (panel) =>
  panel.querySelector(":scope > .highlight:not(.output)") || panel.querySelector(".highlight:not(.output)");
let menu = null;
let chipOfMenu = null;

function chipItem(panel) {
  const item = document.createElement("button");
  item.type = "button";
  item.setAttribute("role", "menuitemradio");
  item.setAttribute("aria-checked", String(panel.dataset.tab === chipOfMenu.dataset.tab));
  item.tabIndex = -1;
  item.dataset.tab = panel.dataset.tab;
  item.textContent = titleIn(panel);
  return item;
}

function closeMenu() {
  if (menu.matches(":popover-open")) menu.hidePopover();
}

/* Its group stays where it is; the chip of the other framework takes the focus. */
function chooseInMenu(item) {
  const group = chipOfMenu.closest(".bk-tabs");
  const { tab } = item.dataset;
  closeMenu();
  choose({ tab }, { pressed: group });
  group.querySelector(`.bk-chip[data-tab="${tab}"]`).focus({ preventScroll: true });
}

function stepInMenu(event) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at + items.length - 1) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (event.key === "Tab") closeMenu();
  if (to === undefined) return;
  event.preventDefault();
  items[to].focus();
}

function makeMenu() {
  menu = document.createElement("div");
  menu.className = "bk-menu";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", chipWords.menu);
  menu.addEventListener("keydown", stepInMenu);
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("button");
    if (item) chooseInMenu(item);
  });
  menu.addEventListener("toggle", ({ newState }) => {
    const isOpen = newState === "open";
    chipOfMenu.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen && document.activeElement === document.body) chipOfMenu.focus({ preventScroll: true });
  });
}

function openMenu(chip) {
  if (!menu) makeMenu();
  if (menu.matches(":popover-open")) return;
  chipOfMenu = chip;
  const panels = chip.closest(".bk-tabs").querySelectorAll(":scope > .bk-panel");
  menu.replaceChildren(...[...panels].map(chipItem));
  chip.after(menu);
  menu.showPopover();
  const { bottom, right } = chip.getBoundingClientRect();
  menu.style.top = `${bottom + scrollY}px`;
  menu.style.left = `${Math.max(0, right + scrollX - menu.offsetWidth)}px`;
  menu.querySelector("[aria-checked=true]").focus({ preventScroll: true });
}

function addChip(panel) {
  const block = codeIn(panel);
  if (!block) return;
  const title = titleIn(panel);
  const chip = toolButton(block, "bk-chip", chipWords.label.replace("{title}", title), openMenu);
  chip.dataset.tab = panel.dataset.tab;
  chip.dataset.title = title;
  chip.setAttribute("aria-haspopup", "menu");
  chip.setAttribute("aria-expanded", "false");
  chip.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    openMenu(chip);
  });
}

if (known.length > 1) {
  for (const panel of document.querySelectorAll(".bk-tabs-code > .bk-panel")) addChip(panel);
  for (const panel of document.querySelectorAll(".bk-tabs-text > .bk-panel")) {
    panel.setAttribute("role", "group");
    panel.setAttribute("aria-label", titleIn(panel));
  }
}
