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

/* Order the places of a page, and value the page. */
function valued(page, terms) {
  const counts = countsOn(page, terms);
  const names = new Set(terms.map((term) => term.text));
  const found = page.places.filter((place) => counts.has(place)).map((place) => {
    const inHeading = terms.filter((term) => has(place.heading, term)).length;
    const isDefined = definedAt(place).some((name) => names.has(name.toLowerCase()));
    const weight = 10 * counts.get(place) + 2 * inHeading + 5 * isDefined;
    return { place, inHeading, isDefined, weight };
  });
  found.sort((a, b) => b.weight - a.weight);
  let value = OFTEN * Math.log2(1 + found.length);
  if ([...counts.values()].includes(terms.length)) value += TOGETHER;
  if (found.some((one) => one.isDefined)) value += DEFINED;
  value += IN_HEADING * Math.max(...found.map((one) => one.inHeading));
  for (const term of terms) {
    if (has(page.title, term)) value += IN_TITLE * (1 + term.text.length / page.title.length);
  }
  return { page, places: found.map((one) => one.place), value, terms };
}

function ranked(pages, terms) {
  if (terms.length === 0) return [];
  return pages
    .map((page) => valued(page, terms))
    .filter((result) => result.places.length)
    .sort((a, b) => b.value - a.value);
}

/* Pages that have what was asked, that have longer names, or that have part of it. */
function find(question) {
  const terms = termsOf(question);
  const exact = ranked(book.pages, terms);
  const known = new Set(exact.map((result) => result.page));
  const others = book.pages.filter((page) => !known.has(page));
  const hasNames = terms.some((term) => !term.isWide);
  const longer = hasNames ? ranked(others, termsOf(question, true)) : [];
  const near = exact.length + longer.length ? [] : nearest(terms);
  return { exact, longer, near };
}
