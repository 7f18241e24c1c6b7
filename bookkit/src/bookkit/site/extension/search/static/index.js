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
    const page = { address, number: opened.pages.length, title: new Folding(rest[1]) };
    opened.pages.push(page);
    for (let at = 0; at < rest.length; at += 3) {
      const [anchor, heading, packed] = rest.slice(at, at + 3);
      const place = { page, anchor, heading: new Folding(heading), packed };
      opened.places.push({ ...place, isFirst: at === 0 });
    }
  }
  opened.words = wholeWords(content.words);
  opened.where = content.where.split(" ");
  book = opened;
  document.dispatchEvent(new CustomEvent("bookkit:index"));
}

function wholeWords(shortened) {
  let before = "";
  return shortened.split(" ").map((one) => {
    before = before.slice(0, DIGITS.indexOf(one[0])) + one.slice(1);
    return before;
  });
}

/* A text that is folded when somebody looks for a name in it, and only once. */
class Folding {
  #lower;

  constructor(text) {
    this.text = text;
  }

  get lower() {
    this.#lower ??= folded(this.text);
    return this.#lower;
  }
}

/* The blocks of a place, each with its kind and its tabs as bits. */
function blocksOf(place) {
  place.blocks ??= place.packed.flatMap((flags, at, packed) => {
    if (at % 2) return [];
    const kind = flags & ((1 << KIND_BITS) - 1);
    return [Object.assign(new Folding(packed[at + 1]), { kind, tabs: flags >> KIND_BITS })];
  });
  return place.blocks;
}

/* All that a place says, its heading first. */
function wholeOf(place) {
  const texts = () => place.packed.filter((_, at) => at % 2);
  place.whole ??= new Folding([place.heading.text, ...texts()].join("\n"));
  return place.whole;
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

function numbersAtAny(positions) {
  const found = new Set();
  for (const at of positions) for (const number of numbersAt(at)) found.add(number);
  return [...found].sort((one, other) => one - other);
}

/* The places that have a word which begins so. */
function numbersOfBeginning(beginning) {
  const positions = [];
  for (let at = positionOf(beginning); at < book.words.length; at += 1) {
    if (!book.words[at].startsWith(beginning)) break;
    positions.push(at);
  }
  return numbersAtAny(positions);
}

/* The places that have a name of several words in which this stands. */
function numbersOfNames(text) {
  book.names ??= [...book.words.keys()].filter((at) => /[._]/.test(book.words[at]));
  return numbersAtAny(book.names.filter((at) => book.words[at].includes(text)));
}
