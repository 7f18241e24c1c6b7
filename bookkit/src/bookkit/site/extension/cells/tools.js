/* The toolbar of a block of code, at its corner: whoever has a button for it asks here.
 *
 * Buttons have no text of their own: nobody copies or finds what is not the book's.
 */
function toolsOf(block) {
  const there = block.querySelector(":scope > .bk-cell-tools");
  if (there) return there;
  const tools = document.createElement("div");
  tools.className = "bk-cell-tools";
  block.prepend(tools); // as it stands at the top, before links in the code
  return tools;
}

function toolButton(block, kind, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `bk-tool ${kind}`;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => act(button));
  toolsOf(block).append(button);
  return button;
}
