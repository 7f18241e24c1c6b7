// What a reader changed, kept in this browser: by page, framework and cell.
import { pageName } from "./page.js";

const PREFIX = `bookkit-cell:${pageName}:`;
let isBlocked = false;
let whenBlocked = () => {};

export function onBlocked(tell) {
  whenBlocked = tell;
}

function guarded(act) {
  try {
    return act();
  } catch {
    if (!isBlocked) whenBlocked();
    isBlocked = true;
    return null;
  }
}

const nameOf = (tab, key) => `${PREFIX}${tab}:${key}`;

// `code`: the reader's; `book`: the book's text that it was made from.
export function keep(tab, key, code, book) {
  guarded(() => localStorage.setItem(nameOf(tab, key), JSON.stringify({ code, book })));
}

export function drop(tab, key) {
  guarded(() => localStorage.removeItem(nameOf(tab, key)));
}

function parsed(text) {
  try {
    const { code, book } = JSON.parse(text);
    return typeof code === "string" && typeof book === "string" ? { code, book } : null;
  } catch {
    return null; // A storage may hold anything.
  }
}

function partsOf(name) {
  const [tab, key] = name.slice(PREFIX.length).split(":");
  return { tab, key };
}

export function all() {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => ({ ...partsOf(name), ...parsed(localStorage.getItem(name)) }))
      .filter(({ code }) => code !== undefined);
  } catch {
    return [];
  }
}

// Another window changed a cell: `code` is null where it took the book's again.
export function follow(tell) {
  addEventListener("storage", ({ key, newValue }) => {
    if (!key || !key.startsWith(PREFIX)) return;
    tell({ ...partsOf(key), ...(parsed(newValue) || { code: null }) });
  });
}

// The name of this reader's kernels.
export function readerName() {
  const KEY = "bookkit-reader";
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  try {
    const found = localStorage.getItem(KEY);
    if (/^[\w-]{1,64}$/.test(found || "")) return found;
    const made = fresh();
    localStorage.setItem(KEY, made);
    return made;
  } catch {
    return fresh();
  }
}
