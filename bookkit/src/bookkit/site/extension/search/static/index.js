/* The index as `index.py` writes it, opened: nothing is taken apart before it is needed. */
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE = 31;
const KIND_BITS = 2;
const TEXT = 0;
const CODE = 1;
/* Before the name of what the code of a place defines. */
const DEFINES = "=";
let book = null;

function load(text) {
  const content = JSON.parse(text);
  const opened = { pages: [], places: [], tabs: content.tabs };
  for (const [address, ...rest] of content.pages) {
    const page = { address, number: opened.pages.length, title: rest[1] };
    opened.pages.push(page);
    for (let at = 0; at < rest.length; at += 3) {
      const [anchor, heading, packed] = rest.slice(at, at + 3);
      opened.places.push({ page, anchor, heading, packed, isFirst: at === 0 });
    }
  }
  opened.words = wholeWords(content.words);
  opened.where = content.where.split(" ");
  book = opened;
}

function wholeWords(shortened) {
  let before = "";
  return shortened.split(" ").map((one) => {
    before = before.slice(0, DIGITS.indexOf(one[0])) + one.slice(1);
    return before;
  });
}

/* The blocks of a place: text, the same in lower case, kind, tabs as bits. */
function blocksOf(place) {
  if (!place.blocks) {
    place.blocks = [];
    for (let at = 0; at < place.packed.length; at += 2) {
      const [flags, text] = [place.packed[at], place.packed[at + 1]];
      const kind = flags & ((1 << KIND_BITS) - 1);
      place.blocks.push({ text, folded: folded(text), kind, tabs: flags >> KIND_BITS });
    }
  }
  return place.blocks;
}

/* The position of the first word that is not before the given one. */
function positionOf(word) {
  let [low, high] = [0, book.words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (book.words[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numbersAt(position) {
  const found = [];
  let [number, place] = [0, -1];
  for (const digit of book.where[position]) {
    const value = DIGITS.indexOf(digit);
    number = number * BASE + (value % BASE);
    if (value >= BASE) continue;
    place += number + 1;
    found.push(place);
    number = 0;
  }
  return found;
}

/* The places that have a word, by number. */
function numbersOf(word) {
  const position = positionOf(word);
  return book.words[position] === word ? numbersAt(position) : [];
}

/* The places that have a word which begins so. */
function numbersOfBeginning(beginning) {
  const found = new Set();
  for (let at = positionOf(beginning); at < book.words.length; at += 1) {
    if (!book.words[at].startsWith(beginning)) break;
    for (const number of numbersAt(at)) found.add(number);
  }
  return [...found].sort((one, other) => one - other);
}
