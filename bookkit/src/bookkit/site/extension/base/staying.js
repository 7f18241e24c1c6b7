/* What the reader looks at stays where it is while other things change their height.
 *
 * Browsers do so by themselves, some of them and sometimes: not with what they hide.
 */
const STEADY =
  "article :is(h1, h2, h3, h4, h5, h6, p, dt, pre, figure, .math-wrapper, .bk-tabs, " +
  ".bk-search-title)";
const CHANGING = ".bk-panel, .bk-for, .bk-bar, details:not([open]) > :not(summary)";
const ENOUGH_MARKS = 20;

/* Where reading begins: below what sticks to the top of the window. */
function readingLine() {
  const bar = document.querySelector(".bk-bar");
  return bar ? Math.max(0, bar.getBoundingClientRect().bottom) : 0;
}

function inSight(line) {
  const found = [];
  for (const element of document.querySelectorAll(STEADY)) {
    /* Asked first: to measure what is folded away has it laid out. */
    if (element.closest(CHANGING)) continue;
    if (element.getBoundingClientRect().bottom <= line + 1) continue;
    found.push(element);
    if (found.length === ENOUGH_MARKS) break;
  }
  return found;
}

/* A way to find again what stands at a height: the top of an element. Of one that began
 * further up its end, when most of what is seen comes after it, or the same share of it. */
function markOf(element, line) {
  const { top, bottom, height } = element.getBoundingClientRect();
  let share = 0;
  if (top < line) share = bottom < innerHeight / 2 ? 1 : (line - top) / height;
  const now = () => {
    const box = element.getBoundingClientRect();
    return box.top + share * box.height;
  };
  return { element, now, before: now() };
}

/* Take down what is where; the function returned puts it there again. */
function hold(pressed) {
  const page = document.querySelector(".page");
  const line = readingLine();
  const elements = pressed ? [pressed, ...inSight(line)] : inSight(line);
  const marks = elements.map((element) => markOf(element, pressed === element ? -Infinity : line));
  return () => {
    page.style.removeProperty("padding-bottom");
    const mark = marks.find(({ element }) => element.getClientRects().length);
    if (!mark) return;
    const missing = () => mark.now() - mark.before;
    scrollBy({ top: missing(), behavior: "instant" });
    if (missing() < 1) return;
    /* The end of the page came too near to scroll that far: move it away again. */
    page.style.paddingBottom = `${missing()}px`;
    scrollBy({ top: missing(), behavior: "instant" });
  };
}
