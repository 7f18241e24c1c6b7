/* Terms: the parts of a question, and where exactly they stand. */
const MOST_TERMS = 12;
const MOST_POSITIONS = 60;

/* The terms of a question; `isBeginning`: a name may be longer than it was typed. */
function termsOf(question, isBeginning) {
  const terms = new Map();
  for (const run of halved(question.normalize("NFC")).match(RUN) || []) {
    const text = folded(run);
    const isWide = WIDE.test(run);
    const words = isWide ? wideWords(text) : narrowWords(text);
    if (words.length === 0 || terms.size === MOST_TERMS) continue;
    terms.set(text, { text, isWide, words, isBeginning: isBeginning && !isWide });
  }
  return [...terms.values()];
}

function wideWords(text) {
  const characters = Array.from(text);
  return characters.length > 1 ? pairsOf(characters) : characters;
}

const narrowWords = (text) =>
  NUMBER.test(text) ? [text] : text.split(/[._]/).filter(Boolean);

const isOfNumber = (character) => /^[0-9.]$/.test(character);
const isNarrow = (character) => character === "_" || LETTER.test(character);

/* Whether this is beside the point of 3.14, but not of `layer1.0`: a number has no parts. */
function isInNumber(text, at) {
  if (!isOfNumber(text.charAt(at - 1)) || !isOfNumber(text.charAt(at))) return false;
  let [start, end] = [at, at];
  while (isOfNumber(text.charAt(start - 1))) start -= 1;
  while (isOfNumber(text.charAt(end))) end += 1;
  if (isNarrow(text.charAt(start - 1)) || isNarrow(text.charAt(end))) return false;
  while (end > at && text.charAt(end - 1) === ".") end -= 1;
  return end > at && NUMBER.test(text.slice(start, end));
}

/* Whether a name, or a part of one, may begin or end here. */
function isEdge(text, at) {
  if (isInNumber(text, at)) return false;
  const isInside = LETTER.test(text.charAt(at - 1)) && LETTER.test(text.charAt(at));
  return !isInside || begins(text, at);
}

/* Where a term stands in a text. */
function positionsIn(folding, term, most = MOST_POSITIONS) {
  const { text } = folding;
  const searched = term.isWide ? text : folding.lower;
  const found = [];
  let at = searched.indexOf(term.text);
  while (at >= 0 && found.length < most) {
    const end = at + term.text.length;
    const fits =
      term.isWide || (isEdge(text, at) && (term.isBeginning || isEdge(text, end)));
    if (fits) found.push(at);
    at = searched.indexOf(term.text, fits ? end : at + 1);
  }
  return found;
}

const has = (folding, term) => positionsIn(folding, term, 1).length > 0;

function common(lists) {
  const [shortest, ...others] = [...lists].sort((a, b) => a.length - b.length);
  const sets = others.map((list) => new Set(list));
  return shortest.filter((number) => sets.every((set) => set.has(number)));
}

/* The places that may have a term, by number, as words tell; it has more than one. */
const candidatesFor = (term) =>
  term.isWide ? common(term.words.map(numbersOf)) : numbersOfNames(term.text);

/* The places that have a term, by number: texts decide where words leave a doubt. */
function numbersWith(term) {
  const [word] = term.words;
  if (term.words.length === 1 && (term.isWide || word === term.text)) {
    return term.isBeginning ? numbersOfBeginning(word) : numbersOf(word);
  }
  const sure = new Set(term.isWide ? [] : numbersOf(term.text));
  return candidatesFor(term).filter(
    (number) => sure.has(number) || has(wholeOf(book.places[number]), term),
  );
}
