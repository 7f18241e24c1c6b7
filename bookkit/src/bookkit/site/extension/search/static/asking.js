/* A question answered: pages that have all its terms, the best first. */
const IN_TITLE = 1000;
const DEFINED = 300;
const IN_HEADING = 100;
const TOGETHER = 60;
const OFTEN = 10;

/* For each page that has all terms: its places, and which terms each has, as bits. */
function pagesWith(terms) {
  const found = new Map();
  terms.forEach((term, position) => {
    for (const number of numbersWith(term)) {
      const page = book.places[number].page;
      if (position === 0 && !found.has(page)) {
        found.set(page, { page, seen: 0, places: new Map() });
      }
      const entry = found.get(page);
      if (!entry || entry.seen < position) continue;
      entry.seen = position + 1;
      entry.places.set(number, (entry.places.get(number) || 0) | (1 << position));
    }
  });
  return [...found.values()].filter((entry) => entry.seen === terms.length);
}

function countBits(bits) {
  let count = 0;
  for (let rest = bits; rest; rest &= rest - 1) count += 1;
  return count;
}

/* The places whose code defines one of the names that are asked for. */
const defining = (terms) =>
  new Set(terms.flatMap((term) => numbersOf(DEFINES + term.text)));

/* Order the places of a page, and value the page. */
function valued(entry, terms, definitions) {
  const title = entry.page.title;
  const places = [...entry.places].map(([number, bits]) => {
    const place = book.places[number];
    const inHeading = terms.filter((term) => has(place.heading, term)).length;
    const weight = 10 * countBits(bits) + 2 * inHeading + 5 * definitions.has(number);
    return { number, place, inHeading, weight, count: countBits(bits) };
  });
  places.sort((a, b) => b.weight - a.weight || a.number - b.number);
  let value = OFTEN * Math.log2(1 + places.length);
  if (places.some((one) => one.count === terms.length)) value += TOGETHER;
  if (places.some((one) => definitions.has(one.number))) value += DEFINED;
  value += IN_HEADING * Math.max(...places.map((one) => one.inHeading));
  for (const term of terms) {
    if (has(title, term)) value += IN_TITLE * (1 + term.text.length / title.text.length);
  }
  return { page: entry.page, places: places.map((one) => one.place), value, terms };
}

const byValue = (a, b) => b.value - a.value || a.page.number - b.page.number;

function ranked(terms) {
  if (terms.length === 0) return [];
  const definitions = defining(terms);
  return pagesWith(terms)
    .map((entry) => valued(entry, terms, definitions))
    .sort(byValue);
}

/* Pages that have what was asked, that have longer names, or that have part of it. */
function find(question) {
  const exact = ranked(termsOf(question, false));
  const known = new Set(exact.map((result) => result.page));
  const longer = ranked(
    termsOf(question, true).some((term) => term.isBeginning)
      ? termsOf(question, true)
      : [],
  ).filter((result) => !known.has(result.page));
  const near = exact.length + longer.length ? [] : nearest(question);
  return { exact, longer, near };
}
