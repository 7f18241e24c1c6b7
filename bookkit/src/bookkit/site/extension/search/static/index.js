/* The index as `index.py` writes it, opened. */
const SEPARATOR = "\u2029";
const KIND_BITS = 2;
const TEXT = 0;
const CODE = 1;
const DEFINITION = /(?:def|class) (?<=^[ \t]*(?:async )?(?:def|class) )\w+/gm;
let book = null;

function load(text) {
  const content = JSON.parse(text);
  const pages = content.pages.map(pageOf);
  for (const at of content.last) pages[at].isLast = true;
  book = { ...content, pages, places: pages.flatMap((page) => page.places) };
  book.variants = new Map((content.variants.match(/../gu) || []).map((pair) => Array.from(pair)));
  document.dispatchEvent(new CustomEvent("bookkit:index"));
}

function pageOf([address, ...packed]) {
  const page = { address };
  page.places = packed.map(([anchor, flags, text], at) => {
    const heading = text.split(SEPARATOR, 1)[0];
    return { page, anchor, heading, flags, text, isFirst: at === 0 };
  });
  page.title = page.places[0].heading;
  return page;
}

/* The blocks of a place, each with its kind and its tabs as bits. */
function blocksOf(place) {
  const texts = place.text.split(SEPARATOR).slice(1);
  return texts.map((text, at) => {
    const flags = place.flags[at];
    return { text, kind: flags & ((1 << KIND_BITS) - 1), tabs: flags >> KIND_BITS };
  });
}

/* The names that a code defines, and that all code of a place does. */
const definedIn = (text) =>
  (text.match(DEFINITION) || []).map((found) => found.split(" ")[1]);

function definedAt(place) {
  const code = () => blocksOf(place).filter((block) => block.kind === CODE);
  place.defined ??= definedIn(place.text).length ? code().flatMap((block) => definedIn(block.text)) : [];
  return place.defined;
}

/* The reader's own tab, as a bit; of an unknown one the first. */
const ownName = () => document.documentElement.dataset.own || document.documentElement.dataset.tab || "";
const ownBit = () => 1 << Math.max(0, book.tabs.findIndex(([name]) => name === ownName()));

/* What a reader sees of a place: nothing that other tabs alone have. */
function seenText(place) {
  const own = ownBit();
  if (place.own === own) return place.seen;
  const isSeen = ({ tabs }) => tabs === 0 || (tabs & own) !== 0;
  const hides = place.flags.some((flags) => !isSeen({ tabs: flags >> KIND_BITS }));
  const texts = () => blocksOf(place).filter(isSeen).map((block) => block.text);
  place.own = own;
  place.seen = hides ? [place.heading, ...texts()].join(SEPARATOR) : place.text;
  return place.seen;
}
