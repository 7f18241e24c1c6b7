/* Terms: the parts of a question, and where exactly they stand in a text. */
const MOST_TERMS = 12;
const MOST_POSITIONS = 60;
/* Scripts without spaces between words, and what words of all others are made of. */
const WIDE = "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー]";
const NARROW = `(?!${WIDE})[\\p{L}\\p{M}\\p{Nd}\\p{Nl}_]`;
const RUN = new RegExp(`${WIDE}+|(?:${NARROW})+(?:\\.(?:${NARROW})+)*`, "gu");
/* For texts without the flag `u`, which makes Chromium 25 times as slow. */
const LETTER =
  "[0-9A-Za-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u1fff\\u2102-\\u2188\\u2c00-\\u2dff\\ua000-\\ud7ff" +
  "\\ufb00-\\ufdff\\ufe70-\\ufefc]";
const OF_NAME = `(?:${LETTER}|_)`;
const IS_WIDE = new RegExp(`^${WIDE}`, "u");
const FULL_WIDTH = /[\uff0e\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a]/g;
/* Beside the point of 3.14, but not of `layer1.0`: a number has no parts. */
const IN_NUMBER =
  `(?<=(?<!${OF_NAME}|\\.)[0-9][0-9.]*)(?=[0-9.]*[0-9]\\.*(?!${OF_NAME}|\\.))`;
/* Where a name, or a part such as `My|Net` and `HTTP|Server`, may begin or end. */
const EDGE =
  `(?:(?<!${LETTER})|(?!${LETTER})|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))` +
  `(?!${IN_NUMBER})`;
const EDGE_HERE = new RegExp(EDGE, "y");

function isEdge(text, at) {
  EDGE_HERE.lastIndex = at;
  return EDGE_HERE.test(text);
}

/* A pattern of the same letters, capital or not. */
function inAnyCase(text) {
  const cases = (one) => [one, one.toLowerCase(), one.toUpperCase()];
  const alike = (one) => cases(one).filter((its) => its.length === one.length);
  return Array.from(text, (one) => (one.length > 1 ? one : `[${alike(one).join("")}]`)).join("");
}

/* `isBeginning`: a name may be longer than it was typed. */
function termOf(text, isBeginning = false) {
  if (IS_WIDE.test(text)) return { text, isWide: true, pattern: new RegExp(text, "g") };
  const letters = inAnyCase(text);
  /* The letters come first, as browsers are quick to find some. */
  const whole = `${letters}(?<=${EDGE}${letters})${isBeginning ? "" : EDGE}`;
  return { text: text.toLowerCase(), isWide: false, pattern: new RegExp(whole, "g") };
}

/* The terms of a question, in letters of the usual width, as texts are. */
function termsOf(question, isBeginning = false) {
  const usual = question
    .normalize("NFC")
    .replace(FULL_WIDTH, (one) => one.normalize("NFKC"));
  const runs = (usual.match(RUN) || []).filter((run) => /[^_.]/.test(run));
  const known = new Map(runs.map((run) => [run.toLowerCase(), run]));
  return [...known.values()].slice(0, MOST_TERMS).map((run) => termOf(run, isBeginning));
}

const has = (text, term) => text.search(term.pattern) >= 0;

/* Where a term stands in a text: [start, end]. */
function positionsIn(text, term) {
  const found = [];
  for (const match of text.matchAll(term.pattern)) {
    if (found.push([match.index, match.index + match[0].length]) === MOST_POSITIONS) break;
  }
  return found;
}
