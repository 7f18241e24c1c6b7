/* When no page has it all: pages that have much of it, and words much like it. */
const ENOUGH = 0.4;
const MOST_NEAR = 10;
const MOST_SIMILAR = 5;

/* Names of the question as far as the book has them, pairs and parts of the rest. */
function piecesOf(question) {
  const pieces = new Map();
  for (const term of termsOf(question, false)) {
    if (!term.isWide && numbersWith(term).length) {
      pieces.set(term.text, term);
      continue;
    }
    for (const text of term.words) {
      pieces.set(text, { text, isWide: term.isWide, words: [text], isBeginning: false });
    }
  }
  return [...pieces.values()];
}

/* What each place has of the pieces: a rare one counts more, in a heading or the
   page's title twice, and no more in both: they say what a place is about together. */
function valuesOfPlaces(pieces) {
  const values = new Map();
  let total = 0;
  for (const piece of pieces) {
    const numbers = numbersWith(piece);
    /* A pair that the book lacks may be no word: it stands where two words meet. */
    if (numbers.length === 0 && piece.isWide) continue;
    const rarity = Math.log(1 + book.places.length / (numbers.length || 1));
    total += rarity;
    for (const number of numbers) {
      const { heading, page } = book.places[number];
      const times = has(heading, piece) || has(page.title, piece) ? 2 : 1;
      values.set(number, (values.get(number) || 0) + rarity * times);
    }
  }
  return { values, total };
}

function nearest(question) {
  const pieces = piecesOf(question);
  const { values, total } = valuesOfPlaces(pieces);
  const pages = new Map();
  const best = [...values].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  for (const [number, value] of best) {
    const place = book.places[number];
    if (value < ENOUGH * total) break;
    if (!pages.has(place.page)) {
      pages.set(place.page, { page: place.page, places: [], value, terms: pieces });
    }
    pages.get(place.page).places.push(place);
  }
  return [...pages.values()].slice(0, MOST_NEAR);
}

/* How many letters differ, as long as it is at most `most`. */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const swap = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    if (Math.min(...next) > most) return most + 1;
    row = next;
  }
  return row[other.length];
}

/* Names of the book that the question may have meant. */
function similar(question) {
  const found = [];
  for (const term of termsOf(question, false)) {
    if (term.isWide || term.text.length < 3) continue;
    const most = term.text.length < 6 ? 1 : 2;
    for (const word of book.words) {
      if (word.startsWith(DEFINES) || WIDE.test(word) || word === term.text) continue;
      const far = distance(term.text, word, most);
      if (far <= most) found.push({ word, far });
    }
  }
  found.sort((a, b) => a.far - b.far || a.word.length - b.word.length);
  return [...new Set(found.map((one) => one.word))].slice(0, MOST_SIMILAR);
}
