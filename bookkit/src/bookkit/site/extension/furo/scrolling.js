/* What scrolls sideways must be reachable by keyboard; what does not is no stop. */
const SCROLLING = "article :is(.highlight pre, .table-wrapper, .bk-formula, .bk-rich-html)";

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of document.querySelectorAll(SCROLLING)) sizes.observe(box);
