/* A question answered: pages that have all its terms, the best first. */
const IN_TITLE = 1000;
const DEFINED = 300;
const IN_HEADING = 100;
const TOGETHER = 60;
const OFTEN = 10;

/* How many terms the places of a page have; of none, when a term is nowhere on it. */
function countsOn(page, terms) {
  const counts = new Map();
  for (const term of terms) {
    const places = page.places.filter((place) => has(place.text, term));
    if (places.length === 0) return new Map();
    for (const place of places) counts.set(place, (counts.get(place) || 0) + 1);
  }
  return counts;
}

/* Order the places of a page, and value the page. What the reader's tab lacks comes after
 * what it has. */
function valued(page, terms) {
  const counts = countsOn(page, terms);
  const names = new Set(terms.flatMap((term) => [term.text, ...term.alike.map((one) => one.toLowerCase())]));
  const found = page.places.filter((place) => counts.has(place)).map((place) => {
    const seen = terms.filter((term) => has(seenText(place), term)).length;
    const inHeading = terms.filter((term) => has(place.heading, term)).length;
    const isDefined = definedAt(place).some((name) => names.has(name.toLowerCase()));
    const weight = 10 * (counts.get(place) + seen) + 2 * inHeading + 5 * isDefined;
    return { place, seen, inHeading, isDefined, weight };
  });
  found.sort((a, b) => b.weight - a.weight);
  let value = OFTEN * Math.log2(1 + found.length);
  if ([...counts.values()].includes(terms.length)) value += TOGETHER;
  if (found.some((one) => one.isDefined)) value += DEFINED;
  value += IN_HEADING * Math.max(...found.map((one) => one.inHeading));
  for (const term of terms) {
    if (has(page.title, term)) value += IN_TITLE * (1 + term.text.length / page.title.length);
  }
  const isElsewhere = !found.some((one) => one.seen);
  return { page, places: found.map((one) => one.place), value, terms, isElsewhere };
}

/* Lists of contents and records come last, unless they are called what was asked; then
 * what other tabs alone have. */
function inOrder(results) {
  const isCalledSo = ({ page, terms }) => terms.some((term) => has(page.title, term));
  const rank = (result) => 2 * (result.page.isLast && !isCalledSo(result)) + result.isElsewhere;
  return results.sort((a, b) => rank(a) - rank(b) || b.value - a.value);
}

function ranked(pages, terms) {
  if (terms.length === 0) return [];
  return inOrder(pages.map((page) => valued(page, terms)).filter((result) => result.places.length));
}

/* Pages that have what was asked: names with the signs before them, if any page has those. */
function exactly(question) {
  const found = ranked(book.pages, termsOf(question));
  return found.length ? found : ranked(book.pages, termsOf(question, { isBare: true }));
}

/* Pages that have what was asked, that have it in the author's other words, too, that have
 * longer names, or that have part of it. */
function find(question) {
  const exact = exactly(question);
  const terms = termsOf(question, { withAlike: true });
  const alike = terms.some((term) => term.alike.length) ? ranked(book.pages, terms) : [];
  const known = new Set([...exact, ...alike].map((result) => result.page));
  const others = book.pages.filter((page) => !known.has(page));
  const bare = termsOf(question, { isBare: true });
  const hasNames = bare.some((term) => !term.isWide);
  const longer = hasNames ? ranked(others, termsOf(question, { isBare: true, isBeginning: true })) : [];
  const near = known.size + longer.length ? [] : nearest(bare);
  return { exact, alike, longer, near };
}
