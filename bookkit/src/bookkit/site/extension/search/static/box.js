/* The sidebar's search box: the best answers in a list below it, as one types.
 *
 * A combobox with a list box: the focus stays in the box, the arrows choose, and each
 * option is a link. Without a choice, Enter asks the page of the search, as ever.
 */
const MOST_FOUND = 8;
const MOST_MEANT = 3;
const OPTION = "[role=option]";

const box = {
  input: document.querySelector(".sidebar-search"),
  popup: element("div", "popup"),
  said: element("p", "said"),
  list: element("div", "list"),
  status: element("p", "spoken"),
  /* The option that the arrows chose; -1: none. */
  at: -1,
  isLost: false,
};

/* The best places: of few pages several, of many the best one; of the reader's own tab,
 * unless others alone have any. */
function placesOf(found) {
  const first = found.alike.length ? found.alike : found.exact;
  const all = [...first, ...found.longer, ...found.near];
  const own = all.filter((result) => !result.isElsewhere);
  const results = (own.length ? own : all).slice(0, MOST_FOUND);
  const each = Math.max(1, Math.floor(MOST_FOUND / results.length));
  return results.flatMap(({ places, terms, isElsewhere }) => {
    const seen = places.filter((place) => isElsewhere || isSeen(place, terms));
    return seen.slice(0, each).map((place) => [place, terms]);
  });
}

function option(address, ...children) {
  const made = link("option", address, ...children);
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.tabIndex = -1;
  return made;
}

/* With spaces between the parts, for who hears them as one name. */
function placeOption([place, terms]) {
  const { excerpt, tabs, address } = sightOf(place, terms, SHORT);
  const parts = [element("span", "name", ...markedNodes(marked(place.heading, terms)))];
  if (tabs.length) parts.push(" ", element("span", "badge", tabs[0][1]));
  if (!place.isFirst) parts.push(" ", element("span", "of-page", place.page.title));
  if (excerpt.shown.length) {
    const made = element("span", "glimpse", ...markedNodes(excerpt.shown));
    made.classList.toggle("bk-search-code", excerpt.kind !== TEXT);
    parts.push(" ", made);
  }
  return option(address, ...parts);
}

function addressOfAll(question) {
  const url = new URL(box.input.form.action);
  url.hash = "";
  url.search = new URLSearchParams({ q: question });
  return url.href;
}

/* What to choose from: places, or what may have been meant, and all there is. */
function optionsFor(question, found) {
  const places = placesOf(found).map(placeOption);
  const isNothing = found.exact.length + found.alike.length + found.longer.length === 0;
  const meant = (isNothing ? similar(question) : [])
    .slice(0, MOST_MEANT)
    .map((word) => option(addressOfAll(word), `${searchWords.similar} `, element("b", "meant", word)));
  const all = places.length ? [option(addressOfAll(question), searchWords.all)] : [];
  return [...meant, ...places, ...all];
}

function choose(at) {
  const options = [...box.list.querySelectorAll(OPTION)];
  box.at = at;
  options.forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
  const chosen = options[at];
  if (!chosen) {
    box.input.removeAttribute("aria-activedescendant");
    return;
  }
  box.input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function open(sentence, options) {
  options.forEach((one, number) => {
    one.id = `bk-search-option-${number}`;
  });
  box.said.textContent = sentence;
  box.status.textContent = sentence;
  box.list.replaceChildren(...options);
  box.list.hidden = options.length === 0;
  box.popup.hidden = false;
  box.input.setAttribute("aria-expanded", String(options.length > 0));
  choose(-1);
}

function close() {
  choose(-1);
  box.popup.hidden = true;
  box.status.textContent = "";
  box.input.setAttribute("aria-expanded", "false");
}

function answer() {
  const question = typedIn(box.input);
  if (document.activeElement !== box.input || question === "") {
    close();
  } else if (book) {
    const found = find(question);
    const sentence = sentenceOn(found, question);
    const isNear = found.near.length > 0;
    open(isNear ? `${sentence}\n${searchWords.near}` : sentence, optionsFor(question, found));
  } else {
    open(box.isLost ? searchWords.damaged : searchWords.loading, []);
  }
}

/* From the box to the first or last option, and back to it from there. */
function step(by) {
  const count = box.list.querySelectorAll(OPTION).length;
  const next = box.at + by;
  if (next < -1) choose(count - 1);
  else choose(next === count ? -1 : next);
}

function pressed(event) {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const isOpen = !box.popup.hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (isOpen) step(event.key === "ArrowDown" ? 1 : -1);
    else answer();
  } else if (event.key === "Enter" && isOpen && box.at >= 0) {
    box.list.querySelectorAll(OPTION)[box.at].click();
  } else if (event.key === "Escape" && isOpen) {
    /* The drawer on a phone closes at the next one. */
    event.stopPropagation();
    close();
  } else {
    return;
  }
  event.preventDefault();
}

function build() {
  box.said.setAttribute("aria-hidden", "true");
  box.status.setAttribute("role", "status");
  box.list.setAttribute("role", "listbox");
  box.list.setAttribute("aria-label", box.input.getAttribute("aria-label"));
  box.list.id = "bk-search-list";
  box.input.setAttribute("aria-controls", box.list.id);
  box.popup.append(box.said, box.list);
  box.popup.hidden = true;
  box.input.form.append(box.popup, box.status);
}

/* What has to come before anything can be shown. */
function listenToFiles() {
  const index = document.querySelector('script[src*="searchindex.js"]');
  index.addEventListener("error", () => {
    box.isLost = true;
    answer();
  });
  document.addEventListener("bookkit:index", answer);
}

function listenToBox() {
  const stop = whenTyped(box.input, answer);
  box.input.addEventListener("input", () => choose(-1));
  box.input.addEventListener("keydown", pressed);
  box.input.form.addEventListener("submit", stop);
  box.input.form.addEventListener("focusout", () => {
    stop();
    close();
  });
  /* The focus stays where it is, and the list stays open, until the button is let go. */
  box.popup.addEventListener("mousedown", (event) => event.preventDefault());
  box.popup.addEventListener("click", (event) => {
    /* Some lead to a place of this page: reading goes on there. */
    if (event.target.closest(OPTION) && !event.ctrlKey && !event.metaKey) box.input.blur();
  });
  document.addEventListener("bookkit:tab", () => {
    if (!box.popup.hidden) answer();
  });
}

if (box.input) {
  build();
  listenToFiles();
  listenToBox();
  answer();
}
