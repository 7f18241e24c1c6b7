/* The reader's choice: the framework that is shown, and the one beside it, if any.
 *
 * The script in the head has set <html data-tab data-compare> already, and the style
 * sheet shows what belongs to them. This file changes the choice, remembers it, and
 * keeps it in step with the address and with other windows. Whoever else has to follow
 * listens to `bookkit:tab` on the document.
 *
 * `?visit=NAME` shows another framework on this page alone; `own` is the chosen one then.
 */
const root = document.documentElement;
const known = (root.dataset.tabs || "").split(" ").filter(Boolean);
const KEYS = { tab: "bookkit-tab", compare: "bookkit-compare" };

const choice = () => ({
  tab: root.dataset.tab,
  compare: root.dataset.compare || "",
  own: root.dataset.own || "",
});
const isSame = (one, other) =>
  one.tab === other.tab && one.compare === other.compare && one.own === other.own;
/* What is chosen when a visit is over. */
const lasting = ({ tab, compare, own }) => ({ tab: own || tab, compare: own ? "" : compare, own: "" });

/* What is wanted, as far as it can be had: never the same framework twice. */
function settled(wanted) {
  const now = choice();
  const tab = known.includes(wanted.tab) ? wanted.tab : now.tab;
  let compare = known.includes(wanted.compare) ? wanted.compare : "";
  if (compare === tab) compare = compare === now.compare ? now.tab : "";
  const own = known.includes(wanted.own) && wanted.own !== tab ? wanted.own : "";
  return { tab, compare: compare === tab ? "" : compare, own };
}

function inAddress() {
  const found = {};
  const asked = new URLSearchParams(location.search);
  for (const name of Object.keys(KEYS)) {
    if (known.includes(asked.get(name))) found[name] = asked.get(name);
  }
  return found;
}

function remembered() {
  try {
    const tab = localStorage.getItem(KEYS.tab);
    const compare = localStorage.getItem(KEYS.compare);
    const isBeside = known.includes(compare) && compare !== tab;
    return known.includes(tab) ? { tab, compare: isBeside ? compare : "" } : {};
  } catch {
    return {}; /* Storage is blocked. */
  }
}

function remember({ tab, compare, own }) {
  if (own) return;
  try {
    if (compare) localStorage.setItem(KEYS.compare, compare);
    else localStorage.removeItem(KEYS.compare);
    localStorage.setItem(KEYS.tab, tab);
  } catch {
    /* Blocked or full: links carry the choice along. */
  }
}

/* An address, with the choice in it. */
function naming(address, { tab, compare }) {
  const url = new URL(address);
  url.searchParams.set("tab", tab);
  if (compare) url.searchParams.set("compare", compare);
  else url.searchParams.delete("compare");
  return url;
}

/* Write an entry of the history; what was chosen is in it, whatever its address says. */
function note(write, chosen, address = location.href) {
  try {
    history[write]({ ...history.state, bookkit: chosen }, "", address);
  } catch {
    /* Some browsers let no file change its address. */
  }
}

function show(chosen, pressed) {
  const release = hold(pressed);
  root.dataset.tab = chosen.tab;
  for (const name of ["compare", "own"]) {
    if (chosen[name]) root.dataset[name] = chosen[name];
    else delete root.dataset[name];
  }
  document.dispatchEvent(new CustomEvent("bookkit:tab", { detail: chosen }));
  release();
}

/* The entry of the history that arrow keys in a row made: they make one together. */
let row = null;

/* What the reader chose here; `pressed`: the control, which stays under the finger. */
function choose(wanted, { pressed = null, isByKey = false } = {}) {
  const chosen = settled({ ...choice(), ...(wanted.tab ? { own: "" } : {}), ...wanted });
  if (isSame(chosen, choice())) return;
  const isInRow = isByKey && row !== null && row === location.href;
  const address = naming(location.href, lasting(chosen));
  if (!chosen.own) address.searchParams.delete("visit");
  note(isInRow ? "replaceState" : "pushState", chosen, address);
  row = isByKey ? location.href : null;
  show(chosen, pressed);
  remember(chosen);
}

/* What was chosen elsewhere, or earlier; an address that names anything names this. */
function follow(wanted) {
  const chosen = settled(wanted);
  const asked = Object.keys(inAddress()).length > 0;
  row = null;
  if (!isSame(chosen, choice())) show(chosen);
  note("replaceState", chosen, asked ? naming(location.href, lasting(chosen)) : location.href);
  return chosen;
}

addEventListener("popstate", () => {
  const kept = (history.state || {}).bookkit;
  remember(follow(kept || { ...choice(), ...inAddress() }));
});

/* The way back to another framework is no way back to another place. */
if (globalThis.navigation) {
  const place = (address) => {
    const url = naming(address, { tab: "", compare: "" });
    url.searchParams.delete("visit");
    return url.href;
  };
  navigation.addEventListener("navigate", (event) => {
    const isBack = event.navigationType === "traverse" && event.canIntercept;
    if (!isBack || !event.destination.sameDocument) return;
    if (place(event.destination.url) !== place(location.href)) return;
    event.intercept({ scroll: "manual", focusReset: "manual" });
  });
}

/* What was chosen in another window; who visits here stays. */
function latest() {
  const now = choice();
  const { tab, compare } = remembered();
  if (now.own) return { ...now, own: tab || now.own };
  return tab ? { ...now, tab, compare } : now;
}

addEventListener("storage", (event) => {
  if (Object.values(KEYS).includes(event.key)) follow(latest());
});

/* From the back-forward cache: what its address says, or what was chosen meanwhile. */
addEventListener("pageshow", (event) => {
  if (event.persisted) remember(follow(choice().own ? latest() : { ...latest(), ...inAddress() }));
});

if (known.length) {
  if (Object.keys(inAddress()).length) remember(choice());
  note("replaceState", choice());
}
