/* What is folded opens when an address leads to it or into it, and for paper.
 *
 * Browsers open what is around an address by themselves, some of them: not a section
 * whose own heading is the line that opens it, nor a cell just below an anchor.
 */
function unfold(target) {
  const folds = [...target.querySelectorAll(":scope.bk-optional > details")];
  if (target.matches(".bk-place")) {
    let below = target;
    while (below && below.matches(".bk-place")) below = below.nextElementSibling;
    if (below) folds.push(below, ...below.querySelectorAll(".bk-folded"));
  }
  if (target.matches("[id^=cell-]")) folds.push(...target.querySelectorAll(".bk-folded"));
  for (let box = target; box; box = box.parentElement) folds.push(box);
  const closed = folds.filter((fold) => fold.localName === "details" && !fold.open);
  for (const fold of closed) fold.open = true;
  return closed.length > 0;
}

function targetOf(hash) {
  try {
    return document.getElementById(decodeURIComponent(hash.slice(1)));
  } catch {
    return null; /* It is no text in UTF-8. */
  }
}

function unfoldAddress() {
  const target = targetOf(location.hash);
  if (target && unfold(target)) target.scrollIntoView();
}

addEventListener("hashchange", unfoldAddress);
/* The address at hand, once more, changes nothing that could be listened to. */
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[href*='#']");
  if (link && link.href === location.href) unfoldAddress();
});

let unfoldedForPaper = [];
addEventListener("beforeprint", () => {
  unfoldedForPaper = [...document.querySelectorAll("article details:not([open])")];
  for (const fold of unfoldedForPaper) fold.open = true;
});
addEventListener("afterprint", () => {
  for (const fold of unfoldedForPaper) fold.open = false;
});

unfoldAddress();
