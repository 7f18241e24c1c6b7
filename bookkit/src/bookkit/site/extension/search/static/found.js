/* What a search found on this page: opened, scrolled to and marked. The address says what
 * it was, `?found=` the words around and then each word, and forgets it. */
const FOUND_IN =
  "p, pre, li, dt, dd, td, th, caption, figcaption, h1, h2, h3, h4, h5, h6, .math-wrapper";
const { hash: foundAt, search: foundBy } = location;
const [foundAround, ...foundWords] = new URLSearchParams(foundBy).getAll("found");

/* A text as it may be laid out. */
const laidOut = (text) =>
  new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+"), "g");

function isOfTab(element) {
  const part = element.closest(".bk-panel, .bk-for, .bk-absent");
  return !part || getComputedStyle(part).display !== "none";
}

function foundBlock() {
  const target = targetOf(foundAt);
  const section = (target && target.closest("section")) || document.querySelector("article");
  const blocks = [...section.querySelectorAll(FOUND_IN)].filter(isOfTab);
  const having = (text) => blocks.filter((block) => block.textContent.search(laidOut(text)) >= 0);
  const count = (block) => foundWords.filter((word) => block.textContent.includes(word)).length;
  const most = Math.max(1, ...blocks.map(count));
  return having(foundAround)[0] || blocks.find((block) => count(block) === most);
}

/* The stretches of a block that match, whatever elements they go through. */
function rangesIn(block, pattern) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let text = "";
  while (walker.nextNode()) {
    nodes.push([text.length, walker.currentNode]);
    text += walker.currentNode.data;
  }
  const at = (position) => {
    const [start, node] = nodes.filter(([first]) => first <= position).pop();
    return [node, position - start];
  };
  return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => {
    const range = document.createRange();
    const [node, end] = at(index + length - 1);
    range.setStart(...at(index));
    range.setEnd(node, end + 1);
    return range;
  });
}

function showFound() {
  const block = foundBlock();
  if (!block) return;
  unfold(block);
  block.classList.add("bk-found");
  const ranges = foundWords.flatMap((word) => rangesIn(block, laidOut(word)));
  /* Older browsers mark the block alone. */
  if (globalThis.Highlight) CSS.highlights.set("bk-found", new Highlight(...ranges));
  const scroll = () => {
    const { top } = (ranges[0] || block).getBoundingClientRect();
    scrollBy({ top: top - innerHeight / 3, behavior: "instant" });
  };
  scroll();
  /* Browsers go to the heading again when everything has come, unless somebody scrolled. */
  let isRead = false;
  const stop = () => { isRead = true; };
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, stop, { once: true });
  addEventListener("load", () => setTimeout(() => isRead || scroll()));
}

if (foundAround) {
  showFound();
  const address = new URL(location.href);
  address.searchParams.delete("found");
  try {
    history.replaceState(history.state, "", address);
  } catch {
    /* Some browsers let no file change its address. */
  }
}
