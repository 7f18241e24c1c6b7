/* Links within the site: those that choose, and all others where nothing is remembered. */
const withoutChoice = (url) => {
  const bare = naming(url, { tab: "", compare: "" });
  for (const name of ["visit", "found"]) bare.searchParams.delete(name);
  bare.hash = "";
  return bare.href;
};
const isHere = (url) => withoutChoice(url) === withoutChoice(location.href);
const site = new URL(root.dataset.content_root || ".", location.href);
/* Links that got their choice from us; others that name one mean it. */
const carrying = new WeakSet();

/* What the next page would find out by itself. */
function isLost() {
  const kept = { tab: known[0], compare: "", ...remembered() };
  return choice().own ? kept.tab !== choice().own : !isSame({ ...kept, own: "" }, choice());
}

const linkOf = (event) => (event.target instanceof Element ? event.target.closest("a[href]") : null);

/* `?tab=NAME` of this very page: no need to load it again. */
function chooseByLink(event) {
  const link = linkOf(event);
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented) return;
  const url = new URL(link.href, location.href);
  const tab = url.searchParams.get("tab");
  if (!known.includes(tab) || url.hash || !isHere(url)) return;
  event.preventDefault();
  choose({ tab }, { pressed: link });
  /* Some links go with what they offered: the focus must not go with them. */
  if (!link.getClientRects().length && bar) bar.querySelector("input:checked").focus({ preventScroll: true });
}

function carryAlong(event) {
  const link = linkOf(event);
  if (!link || !(isLost() || carrying.has(link))) return;
  const url = new URL(link.href, location.href);
  if (!url.href.startsWith(site.href) || isHere(url)) return;
  if (url.searchParams.has("tab") && !carrying.has(link)) return;
  carrying.add(link);
  link.href = naming(url, lasting(choice())).href;
}

if (known.length > 1) {
  document.addEventListener("click", chooseByLink);
  for (const kind of ["click", "auxclick", "contextmenu"]) {
    document.addEventListener(kind, carryAlong, { capture: true });
  }
  document.addEventListener("formdata", ({ formData }) => {
    if (!isLost()) return;
    for (const [name, value] of Object.entries(lasting(choice()))) if (value) formData.set(name, value);
  });
}
