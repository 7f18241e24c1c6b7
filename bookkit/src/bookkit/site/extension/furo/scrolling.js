/* What scrolls sideways must be reachable by keyboard, show at its edge that there is
 * more, and, if it is code, offer to wrap its lines; what does not is no stop. */
const SCROLLING = "article :is(.highlight pre, .table-wrapper, .bk-formula, .bk-rich-html)";
const WRAP = "bookkit-wrap";

/* All are measured before any is changed: each change would have the next lay out again. */
const measured = (box) => ({
  box,
  isWide: box.scrollWidth > box.clientWidth,
  isMore: box.scrollWidth - box.clientWidth - box.scrollLeft > 1,
});

function setWrap(isOn) {
  root.toggleAttribute("data-wrap", isOn);
  for (const button of document.querySelectorAll(".bk-wrap")) button.ariaPressed = String(isOn);
}

function wrapAt(button) {
  const isOn = !root.hasAttribute("data-wrap");
  const release = hold(button);
  setWrap(isOn);
  release();
  try {
    localStorage.setItem(WRAP, isOn ? "on" : "");
  } catch {
    /* Blocked or full: it holds for this page. */
  }
}

function offerWrap(pre) {
  const block = pre.closest(".highlight");
  if (block.querySelector(".bk-wrap")) return;
  const isOn = root.hasAttribute("data-wrap");
  toolButton(block, "bk-wrap", BOOKKIT_WRAP, wrapAt).ariaPressed = String(isOn);
}

const sizes = new ResizeObserver((entries) => {
  const shown = entries.filter(({ contentRect }) => contentRect.width);
  for (const { box, isWide, isMore } of shown.map(({ target }) => measured(target))) {
    if (isWide !== box.hasAttribute("tabindex")) {
      if (isWide) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
    box.classList.toggle("bk-more", isMore);
    /* Where lines are wrapped, nobody knows which are long. */
    if (box.matches("pre") && (isWide || root.hasAttribute("data-wrap"))) offerWrap(box);
  }
});

try {
  setWrap(localStorage.getItem(WRAP) === "on");
} catch {
  /* Storage is blocked. */
}
for (const box of document.querySelectorAll(SCROLLING)) sizes.observe(box);
document.addEventListener("scroll", ({ target }) => {
  if (target === document || !target.matches(SCROLLING)) return;
  target.classList.toggle("bk-more", measured(target).isMore);
}, { capture: true, passive: true });
