/* What scrolls sideways must be reachable by keyboard, show at its edge that there is
 * more, and, if it is code, offer to wrap its lines; what does not is no stop. */
const SCROLLING = "article :is(.highlight pre, .table-wrapper, .bk-formula, .bk-rich-html)";
const WRAP = "bookkit-wrap";

function showEdge(box) {
  const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
  box.classList.toggle("bk-more", rest > 1);
}

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
  for (const { target } of entries) {
    const isWide = target.scrollWidth > target.clientWidth;
    if (isWide) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
    showEdge(target);
    /* Where lines are wrapped, nobody knows which are long. */
    if (target.matches("pre") && (isWide || root.hasAttribute("data-wrap"))) offerWrap(target);
  }
});

try {
  setWrap(localStorage.getItem(WRAP) === "on");
} catch {
  /* Storage is blocked. */
}
for (const box of document.querySelectorAll(SCROLLING)) sizes.observe(box);
document.addEventListener("scroll", ({ target }) => {
  if (target !== document && target.matches(SCROLLING)) showEdge(target);
}, { capture: true, passive: true });
