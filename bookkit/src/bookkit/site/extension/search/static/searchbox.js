/* The search box of the sidebar: keys that lead to it, and what it needs, not before
 * somebody is there. `box.js` has the rest. */
const searchFiles = BOOKKIT_SEARCH;
const searchBox = document.querySelector(".sidebar-search");

function bring(tag, attributes) {
  document.head.append(Object.assign(document.createElement(tag), attributes));
}

function bringSearch() {
  if (document.querySelector(`script[src*="${searchFiles.index}"]`)) return;
  const at = (path) => new URL(path, site).href;
  bring("link", { rel: "stylesheet", href: at(searchFiles.sheet) });
  /* In this order: the index calls the script. */
  for (const path of [searchFiles.script, searchFiles.index]) {
    bring("script", { src: at(path), async: false });
  }
}

function leadsToSearch({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (key === "/") return !ctrlKey && !metaKey && !altKey && isSlashOn();
  return key.toLowerCase() === "k" && ctrlKey !== metaKey && !altKey && !shiftKey;
}

const takesText = (target) =>
  target.isContentEditable || /^(?:text|search|number|select-one|textarea)/.test(target.type);

function goToSearch() {
  const field = document.getElementById("search-question") || searchBox;
  /* On a narrow window the sidebar is a drawer, and Furo shows the box that opens it. */
  const drawer = document.getElementById("__navigation");
  if (field === searchBox && getComputedStyle(drawer).display !== "none") drawer.checked = true;
  field.focus();
  field.select();
}

if (searchBox) {
  const attributes = {
    role: "combobox",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-keyshortcuts": "Control+K Meta+K",
  };
  for (const [name, value] of Object.entries(attributes)) searchBox.setAttribute(name, value);
  searchBox.addEventListener("focus", bringSearch);
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || takesText(event.target) || !leadsToSearch(event)) return;
    event.preventDefault();
    goToSearch();
  });
}
