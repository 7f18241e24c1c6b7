// The page as it was built: its name, its cells, what the book says they give.
const root = document.documentElement;
const site = new URL(root.dataset.content_root || "./", location.href);

export const pageName =
  decodeURIComponent(location.pathname)
    .slice(decodeURIComponent(site.pathname).length)
    .replace(/\.html$/, "") || "index";

export const shownTab = () => root.dataset.tab || "";

// A short name for a text, that tells it from others: nobody has a reason to fake one.
export function markOf(text) {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 2654435761);
    other = Math.imul(other ^ unit, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909);
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  const hex = (number) => (number >>> 0).toString(16).padStart(8, "0");
  return hex(other) + hex(one);
}

const OUTPUTS = "div.output, .bk-rich, .math-wrapper";

// The book's outputs of a cell: what follows its code, up to anything else.
function outputsAfter(frame) {
  const found = [];
  for (let next = frame.nextElementSibling; next; next = next.nextElementSibling) {
    if (!next.matches(OUTPUTS)) break;
    found.push(next);
  }
  return found;
}

export const textIn = (box) =>
  [...box.querySelectorAll("pre")].map((pre) => pre.textContent).join("");

// Cells and addresses are counted as they come: after another order they have other numbers.
const COUNTED = /(0x…|\/tmp\/tmp…|\bstarted (?:daemon )?…|<cell |\bIn\s?\[)\d+/g;
const uncounted = (text) => text.replace(COUNTED, "$1");

// What an output is, to be compared: a picture is a picture.
export function essenceOf(box) {
  if (box.querySelector("img, svg") && box.matches("figure")) return "picture";
  if (box.matches("div.output")) return `text ${uncounted(textIn(box)).trimEnd()}`;
  return box.hidden ? "" : `rich ${uncounted(box.textContent).trim()}`;
}

const CHECK = /^d2l\.check\(/;

// Tell whether the last statement of a cell checks an answer.
export function checks(code) {
  const lines = code.trimEnd().split("\n");
  const last = lines.findLast((line) => /^[^\s#)\]}]/.test(line)) || "";
  return CHECK.test(last);
}

class BookCell {
  constructor(block, key) {
    this.block = block;
    this.key = key;
    const panel = block.closest(".bk-panel");
    // "": it is the same in every framework.
    this.tab = panel ? panel.dataset.tab : "";
    this.frame = block.closest(".bk-folded") || block;
    this.solution = block.closest(".bk-solution");
    this.isSkipped = block.matches(".bk-no-run");
    this.raises = block.matches(".bk-raises");
    this.pre = block.querySelector("pre");
    this.bookCode = this.pre.textContent.replace(/\n$/, "");
    this.bookOutputs = outputsAfter(this.frame);
    this.isExercise = !this.solution && checks(this.bookCode);
  }

  isIn(tab) {
    return this.tab === "" || this.tab === tab;
  }
}

function numbered(blocks) {
  const seen = new Map();
  return blocks.map((block) => {
    const group = block.closest("[id^='cell-']");
    const number = group ? group.id.replace("cell-", "") : "0";
    const place = block.closest(".bk-panel") || group;
    seen.set(place, (seen.get(place) || 0) + 1);
    const turn = seen.get(place);
    return new BookCell(block, turn > 1 ? `${number}.${turn}` : number);
  });
}

export const bookCells = numbered([...document.querySelectorAll("article .bk-code.highlight")]);
