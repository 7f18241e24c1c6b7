/* A question into words, as `tokens.py` makes them of the texts. */
const CLASSES = BOOKKIT_CLASSES;
const RUN = new RegExp(
  `[${CLASSES.wide}]+|[${CLASSES.narrow}]+(?:\\.[${CLASSES.narrow}]+)*`,
  "gu",
);
const WIDE = new RegExp(`[${CLASSES.wide}]`, "u");
const LETTER = new RegExp(`(?!_)[${CLASSES.narrow}]`, "u");
const FULL_WIDTH = new RegExp(`[${CLASSES.full}]`, "gu");
const ODD_CASES =
  /[\u0130\u03a3\u0590-\u1fff\u2126-\u2188\u24b6-\u24e9\u2c00-\u2dff\ua640-\uabff\uff21-\uff3a\ud800-\udfff]/;
const NUMBER = /^[0-9]+(\.[0-9]+)*$/;
const MOST_PARTS = 12;

const isUpper = (character) => character >= "A" && character <= "Z";
const isLower = (character) => character >= "a" && character <= "z";

function halved(text) {
  return text.replace(FULL_WIDTH, (wide) =>
    String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
  );
}

/* Lower case, and exactly as long; browsers do it faster where both are the same. */
function folded(text) {
  if (!ODD_CASES.test(text)) return text.toLowerCase();
  return text.replace(/[A-Z]+|[\u00c0-\u058f]/g, (upper) => {
    const lower = upper.toLowerCase();
    return lower.length === upper.length ? lower : upper;
  });
}

/* Whether a part begins inside a word: `My|Net`, `HTTP|Server`. */
function begins(text, at) {
  if (!isUpper(text.charAt(at))) return false;
  const before = text.charAt(at - 1);
  return isLower(before) || (isUpper(before) && isLower(text.charAt(at + 1)));
}

function runsOfParts(word) {
  const cuts = [0];
  for (let at = 1; at < word.length; at += 1) if (begins(word, at)) cuts.push(at);
  cuts.push(word.length);
  const count = cuts.length - 1;
  const longest = count <= MOST_PARTS ? count : 1;
  const runs = [word];
  for (let first = 0; first < count; first += 1) {
    for (let last = first + 1; last <= Math.min(first + longest, count); last += 1) {
      runs.push(word.slice(cuts[first], cuts[last]));
    }
  }
  return runs;
}

function ofName(chain) {
  if (NUMBER.test(chain)) return [chain];
  const found = [chain];
  for (const name of chain.split(".")) {
    found.push(name);
    for (const word of name.split("_")) if (word) found.push(...runsOfParts(word));
  }
  return [...new Set(found.filter((one) => /[^_.]/.test(one)).map(folded))];
}

const pairsOf = (characters) => characters.slice(1).map((one, at) => characters[at] + one);

function tokens(text) {
  const found = [];
  for (const run of halved(text).match(RUN) || []) {
    const characters = WIDE.test(run) ? Array.from(run) : null;
    for (const one of characters || ofName(run)) found.push(one);
    if (characters) for (const pair of pairsOf(characters)) found.push(pair);
  }
  return found;
}
