/* What the run button of a cell does where no server runs cells: say where it can be run.
 *
 * A server's script may listen later than this, so the answer is awaited.
 */
const runHere = document.querySelector(".bk-here");

function sayWhereToRun(tab) {
  const found = [...runHere.querySelectorAll(":scope > [data-tab]")];
  const own = found.find((one) => one.dataset.tab === tab) || found[0];
  for (const one of found) one.hidden = one !== own;
  runHere.showModal();
}

if (runHere) {
  addEventListener("bookkit:run", (event) => {
    queueMicrotask(() => {
      if (!event.defaultPrevented) sayWhereToRun(event.detail.tab);
    });
  });
  runHere.addEventListener("click", ({ target }) => {
    const isOutside = target === runHere; // what is inside covers it
    if (isOutside || target.closest(".bk-here-close, a")) runHere.close();
  });
}
