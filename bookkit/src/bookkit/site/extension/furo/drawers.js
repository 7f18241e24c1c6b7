/* Drawers on narrow windows: Furo opens them by boxes, without a word to the keyboard.
 * Opening moves the focus inside, Escape or leaving closes, and a link of this page
 * closes too, as it would lead to text below the drawer. */
for (const [id, selector] of [["__navigation", ".sidebar-drawer"], ["__toc", ".toc-drawer"]]) {
  const box = document.getElementById(id);
  const drawer = document.querySelector(selector);
  if (!box || !drawer) continue;
  const narrow = () => getComputedStyle(box).display !== "none";
  const close = (refocus) => {
    if (!box.checked || !narrow()) return;
    box.checked = false;
    if (refocus) box.focus({ preventScroll: true });
  };
  box.addEventListener("change", () => {
    const links = [...drawer.querySelectorAll("a[href]")];
    const first = links.find((link) => link.getClientRects().length);
    if (box.checked && first) first.focus({ preventScroll: true });
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
  });
  drawer.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (next && next !== box && !drawer.contains(next)) close(false);
  });
  drawer.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && link.href.includes("#") && isHere(link.href)) close(false);
  });
}
