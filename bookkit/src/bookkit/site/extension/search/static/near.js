/* When no page has it all: pages that have much of it. */
const ENOUGH = 0.4;
const MOST_NEAR = 10;
/* A pasted sentence has more of them than there is time for: some stand for all. */
const MOST_PIECES = 8;

/* Whether the reader's own tab shows anything of what was found there. */
const isSeen = (place, terms) => terms.some((term) => has(seenText(place), term));

const placesWith = (term) => book.places.filter((place) => has(place.text, term));

/* The pairs of characters, or the words of a name. */
function partsOf({ text, isWide }) {
  if (!isWide) return /^[0-9.]+$/.test(text) ? [text] : text.split(/[._]+/).filter(Boolean);
  const characters = Array.from(text);
  const pairs = characters.slice(1).map((one, at) => characters[at] + one);
  return pairs.length ? pairs : characters;
}

/* Names of the question as far as the book has them, pairs and parts of the rest. */
function piecesOf(terms) {
  const isKnown = (term) => !term.isWide && placesWith(term).length > 0;
  const texts = terms.flatMap((term) => (isKnown(term) ? [term.text] : partsOf(term)));
  const pieces = [...new Set(texts)];
  const step = Math.max(1, pieces.length / MOST_PIECES);
  return pieces.filter((_, at) => at % step < 1).map((text) => termOf(text));
}

/* What each place has of the pieces: a rare one counts more, in a heading or the
   page's title twice, and no more in both: they say what a place is about together. */
function valuesOfPlaces(pieces) {
  const values = new Map();
  let total = 0;
  for (const piece of pieces) {
    const places = placesWith(piece);
    /* A pair that the book lacks may be no word: it stands where two words meet. */
    if (places.length === 0 && piece.isWide) continue;
    const rarity = Math.log(1 + book.places.length / (places.length || 1));
    total += rarity;
    for (const place of places) {
      const times = has(place.heading, piece) || has(place.page.title, piece) ? 2 : 1;
      values.set(place, (values.get(place) || 0) + rarity * times);
    }
  }
  return { values, total };
}

function nearest(terms) {
  const pieces = piecesOf(terms);
  const { values, total } = valuesOfPlaces(pieces);
  const pages = new Map();
  const enough = book.places.filter((place) => values.get(place) >= ENOUGH * total);
  for (const place of enough.sort((a, b) => values.get(b) - values.get(a))) {
    const { page } = place;
    const value = values.get(place);
    if (!pages.has(page)) pages.set(page, { page, places: [], terms: pieces, value, isElsewhere: true });
    const result = pages.get(page);
    result.places.push(place);
    if (isSeen(place, pieces)) result.isElsewhere = false;
  }
  return inOrder([...pages.values()]).slice(0, MOST_NEAR);
}
