/* The few words of a place that show why it was found. */
/* Letters of prose, before what was found and altogether, and lines of code. */
const WHOLE = { before: 40, length: 130, lines: 4 };
const MOST_AROUND = 60;
const MOST_WORDS = 6;
const SHORT = { before: 12, length: 60, lines: 1 };

/* The stretches of a text that terms cover, in order and without overlap. */
function stretches(text, terms) {
  const found = terms.flatMap((term, number) =>
    positionsIn(text, term).map(([start, end]) => ({ start, end, number })),
  );
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const apart = [];
  for (const one of found) {
    const last = apart[apart.length - 1];
    if (last && one.start < last.end) last.end = Math.max(last.end, one.end);
    else apart.push({ ...one });
  }
  return apart;
}

/* The block that shows most of it, and the tabs, as bits, that show as much; `tab`: the
 * bit of the reader's own. */
function bestBlock(place, terms, tab) {
  const all = blocksOf(place).map((block) => ({
    block,
    count: terms.filter((term) => has(block.text, term)).length,
  }));
  const most = Math.max(1, ...all.map((one) => one.count));
  const best = all.filter((one) => one.count === most).map((one) => one.block);
  if (best.length === 0) return null;
  const tabs = best.reduce((bits, block) => bits | block.tabs, 0);
  const isDefined = (name) => terms.some((term) => name.search(term.pattern) === 0);
  const value = (block) =>
    (block.tabs === 0 || block.tabs & tab ? 2 : 0) +
    (block.kind === TEXT || (block.kind === CODE && definedIn(block.text).some(isDefined)) ? 1 : 0);
  const values = best.map(value);
  const block = best[values.indexOf(Math.max(...values))];
  return { block, tabs: block.tabs && tabs };
}

/* Where an excerpt of prose begins: as many terms as possible within its length. */
function beginningOf(apart, { before, length }) {
  let [best, most] = [0, 0];
  for (const { start } of apart) {
    const within = apart.filter((one) => one.start >= start && one.end <= start + length - before);
    const count = new Set(within.map((one) => one.number)).size;
    if (count > most) [best, most] = [start, count];
  }
  return Math.max(0, best - before);
}

function proseWindow(text, apart, size) {
  let start = beginningOf(apart, size);
  let end = Math.min(text.length, start + size.length);
  start = Math.max(0, Math.min(start, end - size.length));
  /* No half of a name, and no half of a character. */
  while (start > 0 && !isEdge(text, start)) start -= 1;
  while (end < text.length && !isEdge(text, end)) end += 1;
  if (/[\udc00-\udfff]/.test(text.charAt(start))) start -= 1;
  if (/[\udc00-\udfff]/.test(text.charAt(end))) end += 1;
  return [start, end];
}

/* Whole lines: the one before the first that was found, if it says anything, and more. */
function codeWindow(text, apart, { lines }) {
  const hit = apart.length ? apart[0].start : 0;
  let start = text.lastIndexOf("\n", hit - 1) + 1;
  const before = start > 1 ? text.lastIndexOf("\n", start - 2) + 1 : 0;
  if (lines > 1 && text.slice(before, start).trim()) start = before;
  let end = start;
  for (let line = 0; line < lines && end < text.length; line += 1) {
    const next = text.indexOf("\n", end + 1);
    end = next < 0 ? text.length : next;
  }
  return [start, start + text.slice(start, end).trimEnd().length];
}

/* Lines in pieces, without what all of them are indented by. */
function linePieces(text, apart, start, end) {
  const lines = text.slice(start, end).split("\n");
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  const found = [];
  let at = start;
  for (const line of lines) {
    if (at > start) found.push(["\n", false]);
    found.push(...pieces(text, apart, Math.min(at + indent, at + line.length), at + line.length));
    at += line.length + 1;
  }
  return found;
}

/* A text in pieces, from start to end: [text, whether it is marked]. */
function pieces(text, apart, start = 0, end = text.length) {
  const found = [];
  let at = start;
  for (const one of apart) {
    if (one.end <= start || one.start >= end) continue;
    found.push([text.slice(at, Math.max(at, one.start)), false]);
    found.push([text.slice(Math.max(at, one.start), Math.min(one.end, end)), true]);
    at = Math.min(one.end, end);
  }
  found.push([text.slice(at, end), false]);
  return found.filter(([piece]) => piece);
}

const marked = (text, terms) => pieces(text, stretches(text, terms));

/* What is cut off before and after an excerpt, as it is shown. */
function cutsOf(isProse, { lines }) {
  if (isProse) return ["…", "…"];
  return lines > 1 ? ["…\n", "\n…"] : ["", ""];
}

/* The line, or the words, around the first hit: they tell its block from others. */
function aroundOf(text, apart, isProse) {
  const [{ start, end }] = apart;
  const lines = [text.lastIndexOf("\n", start) + 1, text.indexOf("\n", end)];
  const [from, to] = isProse ? [start - 8, end + 12] : lines;
  return text.slice(Math.max(0, from), to < 0 ? text.length : to).trim().slice(0, MOST_AROUND);
}

const wordsAt = (text, apart) =>
  [...new Set(apart.map((one) => text.slice(one.start, one.end)))].slice(0, MOST_WORDS);

/* What to show of a place: pieces of its best block, its kind and its tabs; and what the
 * page marks there. */
function excerptOf(place, terms, tab, size) {
  const best = bestBlock(place, terms, tab);
  const block = best ? best.block : blocksOf(place).find((one) => one.kind === TEXT);
  if (!block) return { shown: [], kind: TEXT, tabs: 0, found: [] };
  const isProse = block.kind === TEXT;
  const apart = best ? stretches(block.text, terms) : [];
  const [start, end] = (isProse ? proseWindow : codeWindow)(block.text, apart, size);
  const shown = (isProse ? pieces : linePieces)(block.text, apart, start, end);
  const [before, after] = cutsOf(isProse, size);
  if (start > 0 && before) shown.unshift([before, false]);
  if (end < block.text.length && after) shown.push([after, false]);
  const found = best ? [aroundOf(block.text, apart, isProse), ...wordsAt(block.text, apart)] : [];
  return { shown, kind: block.kind, tabs: best ? best.tabs : 0, found };
}
