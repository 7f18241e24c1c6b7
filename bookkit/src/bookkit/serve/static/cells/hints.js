// What the kernel knows: words that may stand at the cursor, and help on the one there.
import { announce, element } from "./elements.js";
import { say } from "./words.js";
import { put } from "./typing.js";

const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;
const WORD_BEGUN = /[\p{L}_][\p{L}\p{N}_]*$/u;
const MOST_SHOWN = 50;
let number = 0;

// Cursors of kernels count characters; JavaScript counts halves of some.
const points = (text) => Array.from(text).length;
const units = (text, count) => Array.from(text).slice(0, count).join("").length;

// Where a place in the text is on the screen.
function placeOf(shown, at) {
  const walker = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
  let left = at;
  while (walker.nextNode()) {
    const { data } = walker.currentNode;
    if (left <= data.length) break;
    left -= data.length;
  }
  const range = document.createRange();
  range.setStart(walker.currentNode, Math.min(left, walker.currentNode.data.length));
  const found = range.getClientRects()[0] || shown.getBoundingClientRect();
  return { left: found.left, top: found.top, bottom: found.bottom };
}

export class Hints {
  constructor(area, shown, host) {
    this.area = area;
    this.shown = shown;
    this.host = host;
    this.box = null;
    this.kind = "";
    area.addEventListener("blur", ({ relatedTarget }) => {
      if (!this.box?.contains(relatedTarget)) this.close();
    });
    addEventListener("scroll", () => this.close(), { passive: true });
  }

  // A key; true: it was for us.
  press(event) {
    if (!this.box) return false;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") {
      this.close();
      return true;
    }
    if (this.kind !== "words" || !isPlain) return false;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      this.#choose(this.at + step);
      return true;
    }
    if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      this.#take(this.words[this.at]);
      return true;
    }
    return false;
  }

  async #asked(kind) {
    const { value, selectionStart } = this.area;
    const answer = await this.host.ask(kind, value, points(value.slice(0, selectionStart)));
    const isThere = this.area.value === value && this.area.selectionStart === selectionStart;
    return isThere && document.activeElement === this.area ? answer || {} : null;
  }

  async complete() {
    const answer = await this.#asked("complete");
    if (!answer) return;
    const { value, selectionStart } = this.area;
    const begun = WORD_BEGUN.exec(value.slice(0, selectionStart))?.[0] || "";
    const { matches = [], start } = answer;
    this.from = matches.length ? units(value, start) : selectionStart - begun.length;
    const before = value.slice(this.from, selectionStart);
    // The kernel knows what ran, the page what is written above.
    const all = [...new Set([...matches, ...(before === begun ? this.#written(begun) : [])])];
    const fitting = all.filter((word) => word.startsWith(before));
    // Private names show to those who begin to write one.
    const isPrivate = (word) => word.split(".").at(-1).startsWith("_");
    const words = fitting.filter((word) => isPrivate(before) || !isPrivate(word));
    this.all = words.length ? words : fitting;
    if (this.all.length === 1) this.#take(this.all[0]);
    else if (this.all.length) this.#list();
    else announce(say("no_words"));
  }

  // The names in the code up to here.
  #written(begun) {
    const names = new Set(this.host.texts().flatMap((text) => text.match(WORD) || []));
    return [...names].filter((name) => begun && name !== begun && name.startsWith(begun)).sort();
  }

  // More was typed: fewer words may stand here.
  typed() {
    if (this.kind === "words") this.#list();
    else this.close();
  }

  #list() {
    const before = this.area.value.slice(this.from, this.area.selectionStart);
    this.words = this.all.filter((word) => word.startsWith(before)).slice(0, MOST_SHOWN);
    if (!this.words.length || this.area.selectionStart < this.from) {
      this.close();
      return;
    }
    const id = `bk-words-${(number += 1)}`;
    const short = (word) => word.slice(before.lastIndexOf(".") + 1);
    const options = this.words.map((word, at) => {
      const option = element("li", { id: `${id}-${at}`, role: "option" }, short(word));
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault(); // the cursor stays where it is
        this.#take(word);
      });
      return option;
    });
    const list = element("ul", { id, role: "listbox", "aria-label": say("words") }, ...options);
    this.#open("words", list, this.from + before.lastIndexOf(".") + 1);
    this.area.setAttribute("aria-controls", id);
    this.#choose(0);
  }

  #choose(at) {
    const options = [...this.box.querySelectorAll("[role=option]")];
    this.at = Math.max(0, Math.min(at, options.length - 1));
    for (const [place, option] of options.entries()) {
      option.setAttribute("aria-selected", String(place === this.at));
    }
    options[this.at].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", options[this.at].id);
  }

  #take(word) {
    const to = this.area.selectionStart;
    const { from } = this;
    this.close();
    put(this.area, word, from, to);
  }

  async help() {
    const answer = await this.#asked("inspect");
    if (!answer) return;
    if (!answer.text?.trim()) {
      announce(say("no_help"));
      return;
    }
    const text = element("pre", { tabIndex: 0, "aria-label": say("help") }, answer.text.trim());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.close();
      this.area.focus();
    });
    this.#open("help", text, this.area.selectionStart);
    announce(answer.text.trim().split("\n", 2).join(" "));
  }

  #open(kind, content, at) {
    this.close();
    this.kind = kind;
    this.box = element("div", { className: `bk-hints bk-hints-${kind}` }, content);
    const label = kind === "help" ? "help" : "words";
    this.box.setAttribute("role", "region");
    this.box.setAttribute("aria-label", say(label));
    document.body.append(this.box);
    const place = placeOf(this.shown, at);
    const { offsetWidth, offsetHeight } = this.box;
    const isAbove = place.bottom + offsetHeight > innerHeight && place.top > offsetHeight;
    const top = isAbove ? place.top - offsetHeight : place.bottom;
    const left = Math.max(0, Math.min(place.left, innerWidth - offsetWidth));
    this.box.style.setProperty("top", `${top}px`);
    this.box.style.setProperty("left", `${left}px`);
  }

  close() {
    this.box?.remove();
    this.box = null;
    this.kind = "";
    this.area.removeAttribute("aria-controls");
    this.area.removeAttribute("aria-activedescendant");
  }
}
