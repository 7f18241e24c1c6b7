/* Answers as elements of the page. Texts become text nodes: no markup in them works. */
const searchWords = BOOKKIT_SEARCH_WORDS;
const PAGES_AT_ONCE = 10;
const PLACES_AT_ONCE = 3;
const MOST_PLACES = 20;

const spoken = (sentence, values) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

function element(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = `bk-search-${name}`;
  made.append(...children);
  return made;
}

const markedNodes = (found) =>
  found.map(([text, isMarked]) => (isMarked ? element("mark", "hit", text) : text));

function link(name, address, ...children) {
  const made = element("a", name, ...children);
  made.href = address;
  return made;
}

/* From the page at hand to the top of the site, which the index counts from. */
const toTop = document.documentElement.dataset.content_root || "";

/* Another tab than the reader's own is visited; what was found is marked there. */
function addressOf(place, tab, found = []) {
  const asked = new URLSearchParams();
  if (tab && tab !== ownName()) asked.set("visit", tab);
  for (const text of found) asked.append("found", text);
  const anchor = place.anchor ? `#${encodeURIComponent(place.anchor)}` : "";
  return `${toTop}${place.page.address}${asked.size ? "?" : ""}${asked}${anchor}`;
}

/* The tabs of a hit, the reader's own first; none when everybody sees it. */
function tabsOf(bits, own) {
  const found = book.tabs.filter((_, at) => bits & (1 << at));
  return [...found].sort((a, b) => (b[0] === own) - (a[0] === own));
}

function badges(place, tabs, found) {
  if (tabs.length === 0) return [];
  const [[, title], ...others] = tabs;
  const made = [element("span", "badge", title)];
  if (others.length) {
    const links = others.map(([name, its]) => link("other", addressOf(place, name, found), its));
    made.push(element("span", "others", `${searchWords.also} `, ...links));
  }
  return made;
}

/* The answers that are shown, to say them again for another framework. */
const shownPlaces = new WeakMap();
const shownTitles = new WeakMap();

/* What a reader is shown of a place: an excerpt, its tabs, and where it leads. */
function sightOf(place, terms, size) {
  const excerpt = excerptOf(place, terms, ownBit(), size);
  const tabs = tabsOf(excerpt.tabs, ownName());
  const address = addressOf(place, tabs.length ? tabs[0][0] : "", excerpt.found);
  return { excerpt, tabs, address };
}

function placeItem(place, terms) {
  const { excerpt, tabs, address } = sightOf(place, terms, WHOLE);
  const heading = place.isFirst
    ? [searchWords.beginning]
    : markedNodes(marked(place.heading, terms));
  const item = element("li", "place", link("heading", address, ...heading));
  shownPlaces.set(item, [place, terms]);
  item.append(...badges(place, tabs, excerpt.found));
  if (excerpt.shown.length) {
    const tag = excerpt.kind === TEXT ? "p" : "pre";
    item.append(element(tag, "excerpt", ...markedNodes(excerpt.shown)));
  }
  return item;
}

/* Where a page's title leads: to another framework only when the reader's own one
   would show nothing of what was found. */
function addressOfPage({ page, places, terms }) {
  const isElsewhere = places.length > 0 && !places.some((place) => isSeen(place, terms));
  const [tab] = isElsewhere ? sightOf(places[0], terms, WHOLE).tabs : [];
  return addressOf({ page }, tab ? tab[0] : "");
}

/* In place: what was opened stays open, and nothing else moves. */
function showPlacesAgain(list) {
  for (const title of list.querySelectorAll(".bk-search-title")) {
    title.href = addressOfPage(shownTitles.get(title));
  }
  for (const item of list.querySelectorAll(".bk-search-place")) {
    item.replaceWith(placeItem(...shownPlaces.get(item)));
  }
}

function pageItem(result) {
  const { page, places, terms } = result;
  const words = markedNodes(marked(page.title, terms));
  const title = link("title", addressOfPage(result), ...words);
  shownTitles.set(title, result);
  const items = (some) =>
    element("ul", "places", ...some.map((place) => placeItem(place, terms)));
  const heading = element("h2", "page-name", title);
  const item = element("li", "page", heading, items(places.slice(0, PLACES_AT_ONCE)));
  const rest = places.slice(PLACES_AT_ONCE, MOST_PLACES);
  if (rest.length) {
    const text = spoken(searchWords.more, { count: rest.length });
    const more = element("details", "more", element("summary", "toggle", text));
    more.addEventListener("toggle", () => more.append(items(rest)), { once: true });
    item.append(more);
  }
  return item;
}

/* A list that grows on demand; the focus goes to the first of the new ones. */
function pageList(results) {
  const list = element("ol", "pages");
  const button = element("button", "rest");
  button.type = "button";
  const whole = element("div", "group", list);
  const grow = () => {
    const shown = list.childElementCount;
    list.append(...results.slice(shown, shown + PAGES_AT_ONCE).map(pageItem));
    const left = results.length - list.childElementCount;
    button.textContent = spoken(searchWords.rest, { count: Math.min(left, PAGES_AT_ONCE) });
    if (left === 0) button.remove();
    else whole.append(button);
    return list.children[shown];
  };
  button.addEventListener("click", () => grow().querySelector("a").focus());
  if (results.length) grow();
  return whole;
}

function helpAfterNothing(question) {
  const words = similar(question);
  const help = element("div", "help");
  if (words.length) {
    const links = words.map((word) =>
      link("similar", `?q=${encodeURIComponent(word)}`, word),
    );
    help.append(element("p", "similars", `${searchWords.similar} `, ...links));
  }
  help.append(element("p", "hint", searchWords.hint));
  return help;
}

function sentenceOn({ exact, alike, longer }, question) {
  if (alike.length) {
    const words = [...new Set(alike[0].terms.flatMap((term) => term.alike))].join(searchWords.between);
    return spoken(searchWords.alike, { question, words, count: alike.length });
  }
  const found = exact.length ? exact : longer;
  const kind = exact.length === 0 && longer.length ? "begun" : "has";
  const key = ["none", `${kind}_one`][found.length] || `${kind}_many`;
  return spoken(searchWords[key], { question, count: found.length });
}

/* What is said and what is shown in answer to a question. */
function answerTo(question) {
  const found = find(question);
  const { longer, near } = found;
  const first = found.alike.length ? found.alike : found.exact;
  const parts = first.length ? [pageList(first)] : [];
  if (first.length && longer.length) {
    parts.push(element("h2", "also", searchWords.begins));
  }
  if (longer.length) parts.push(pageList(longer));
  if (parts.length === 0) parts.push(helpAfterNothing(question));
  if (near.length) {
    parts.push(element("h2", "also", searchWords.near), pageList(near));
  }
  return { parts, status: sentenceOn(found, question) };
}
