/* Terms: the parts of a question, and where exactly they stand in a text. */
const MOST_TERMS = 12;
const MOST_POSITIONS = 60;
/* Scripts without spaces between words, and what words of all others are made of. */
const WIDE = "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}ー]";
const NARROW = `(?!${WIDE})[\\p{L}\\p{M}\\p{Nd}\\p{Nl}_]`;
/* Signs that are part of a name where a word begins: `!pip`, `@property`, `**kwargs`. */
const SIGNS = "(?:(?<!\\S)[-!@#$%*]+)?";
const RUN = new RegExp(`${WIDE}+|${SIGNS}(?:${NARROW})+(?:\\.(?:${NARROW})+)*`, "gu");
/* For texts without the flag `u`, which makes Chromium 25 times as slow. */
const LETTER =
  "[0-9A-Za-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u1fff\\u2102-\\u2188\\u2c00-\\u2dff\\ua000-\\ud7ff" +
  "\\ufb00-\\ufdff\\ufe70-\\ufefc]";
const OF_NAME = `(?:${LETTER}|_)`;
const BEGINS_NAME = new RegExp(`^${NARROW}`, "u");
const ENDS_NAME = new RegExp(`${NARROW}$`, "u");
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

/* A pattern of the same letters, capital or not; of signs themselves, of any space. */
function inAnyCase(text) {
  const cases = (one) => [...new Set([one, one.toLowerCase(), one.toUpperCase()])];
  const pattern = (one) => {
    if (/\s/.test(one)) return "\\s+";
    const alike = cases(one).filter((its) => its.length === one.length);
    return alike.length > 1 && one.length === 1 ? `[${alike.join("")}]` : one.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  };
  return Array.from(text, pattern).join("");
}

/* `isBeginning`: a name may be longer than it was typed. */
function patternOf(text, isBeginning) {
  const letters = inAnyCase(text);
  /* The letters come first, as browsers are quick to find some. */
  const start = BEGINS_NAME.test(text) ? `(?<=${EDGE}${letters})` : "";
  const end = ENDS_NAME.test(text) && !isBeginning ? EDGE : "";
  return `${letters}${start}${end}`;
}

/* `alike`: other words for the same, as the author has them. */
function termOf(text, isBeginning = false, alike = []) {
  const patterns = [text, ...alike].map((one) => patternOf(one, isBeginning));
  const isWide = !BEGINS_NAME.test(text);
  return { text: text.toLowerCase(), alike, isWide, pattern: new RegExp(patterns.join("|"), "g") };
}

/* A question in the letters that texts have: of usual width, and the book's own of two
 * that differ from one Chinese script to the other. */
function usual(question) {
  const narrow = question.normalize("NFC").replace(FULL_WIDTH, (one) => one.normalize("NFKC"));
  return Array.from(narrow, (one) => book.variants.get(one) || one).join("");
}

/* Take the phrases out of a question that the author knows other words for. */
function takeAlike(question) {
  const found = [];
  let rest = question;
  for (const [phrase, alike] of book.synonyms) {
    const pattern = new RegExp(patternOf(phrase, false), "g");
    if (rest.search(pattern) < 0) continue;
    rest = rest.replace(pattern, " ");
    found.push(termOf(phrase, false, alike));
  }
  return [found, rest];
}

/* The terms of a question. `isBare`: names without the signs before them; `withAlike`:
 * phrases with the author's other words for them. What has no letters is a term as it is. */
function termsOf(question, { isBeginning = false, isBare = false, withAlike = false } = {}) {
  const [found, rest] = withAlike ? takeAlike(usual(question)) : [[], usual(question)];
  let runs = (rest.match(RUN) || []).filter((run) => /[^-!@#$%*_.]/.test(run));
  if (isBare) runs = runs.map((run) => run.replace(/^[-!@#$%*]+/, ""));
  if (runs.length + found.length === 0) runs = rest.match(/\S+/g) || [];
  const known = new Map(runs.map((run) => [run.toLowerCase(), run]));
  return [...found, ...[...known.values()].map((run) => termOf(run, isBeginning))].slice(0, MOST_TERMS);
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
