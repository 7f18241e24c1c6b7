// What keys do in code: indentation, and lines that begin where the last one did.
//
// Text is put in as a reader types it, so that a browser's own undo takes it back.
const STEP = 4;

export function put(area, text, from = area.selectionStart, to = area.selectionEnd) {
  area.setSelectionRange(from, to);
  const done = text
    ? document.execCommand("insertText", false, text)
    : from === to || document.execCommand("delete");
  if (!done) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;
const indentOf = (line) => /^ */.exec(line)[0];

// The lines of the selection, as a range of the text.
function linesAt(area) {
  const { value, selectionStart, selectionEnd } = area;
  const from = lineStart(value, selectionStart);
  const last = value.indexOf("\n", Math.max(selectionEnd - 1, selectionStart));
  return { from, to: last < 0 ? value.length : last };
}

export const isInIndent = ({ value, selectionStart }) =>
  !value.slice(lineStart(value, selectionStart), selectionStart).trim();

export const hasLines = ({ value, selectionStart, selectionEnd }) =>
  value.slice(selectionStart, selectionEnd).includes("\n");

export function indent(area) {
  if (!hasLines(area)) {
    const column = area.selectionStart - lineStart(area.value, area.selectionStart);
    put(area, " ".repeat(STEP - (column % STEP)));
    return;
  }
  change(area, (line) => (line ? " ".repeat(STEP) + line : line));
}

export function dedent(area) {
  change(area, (line) => line.replace(/^ {1,4}/, ""));
}

function change(area, each) {
  const { from, to } = linesAt(area);
  const before = area.value.slice(from, to);
  const after = before.split("\n").map(each).join("\n");
  if (after === before) return;
  const isRange = hasLines(area);
  const column = area.selectionStart - from;
  put(area, after, from, to);
  if (isRange) area.setSelectionRange(from, from + after.length);
  else {
    const at = from + Math.max(0, column + after.length - before.length);
    area.setSelectionRange(at, at);
  }
}

export function newLine(area) {
  const line = area.value.slice(lineStart(area.value, area.selectionStart), area.selectionStart);
  let indentation = indentOf(line);
  if (/:\s*(#.*)?$/.test(line)) indentation += " ".repeat(STEP);
  else if (/^\s*(return|pass|break|continue|raise)\b/.test(line)) {
    indentation = indentation.slice(STEP);
  }
  put(area, `\n${indentation}`);
}

// Take back one step of indentation; false: there is none before the cursor.
export function unindent(area) {
  const { value, selectionStart, selectionEnd } = area;
  const column = selectionStart - lineStart(value, selectionStart);
  if (selectionStart !== selectionEnd || !column || !isInIndent(area)) return false;
  const count = ((column - 1) % STEP) + 1;
  put(area, "", selectionStart - count, selectionStart);
  return true;
}
