/* A button on each cell that asks to run it. Who can do so listens to `bookkit:run`,
 * does it, and prevents the default, which is to say where it can be run. */
const runLabel = BOOKKIT_RUN;

function askToRun(button) {
  const block = button.closest(".highlight");
  const place = block.closest("[id^='cell-']");
  const panel = block.closest(".bk-panel");
  const detail = {
    cell: place ? place.id.replace("cell-", "") : "",
    tab: panel ? panel.dataset.tab : root.dataset.tab || "",
  };
  const event = { bubbles: true, cancelable: true, detail };
  block.dispatchEvent(new CustomEvent("bookkit:run", event));
}

for (const block of document.querySelectorAll("article .bk-code.highlight")) {
  toolButton(block, "bk-run", runLabel, askToRun);
}
