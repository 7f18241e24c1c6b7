// A cell that a reader can change and run: its code, its editor, what it gave.
import { element } from "./elements.js";
import * as kept from "./kept.js";
import { checks, markOf } from "./page.js";
import { Results } from "./results.js";
import { say } from "./words.js";

export class Cell {
  // `host`: `run(cell)`, `warm(cell)`, `ask(cell, kind, code, cursor)`,
  // `answer(cell, tab, text)`, `textsTo(cell)`.
  constructor(book, host) {
    this.book = book;
    this.key = book.key;
    this.host = host;
    this.own = null; // the reader's code, if it is not the book's
    this.base = book.bookCode; // what the reader's code was made from
    this.editor = null;
    this.results = new Map();
    this.runButton = book.block.querySelector(".bk-run");
    this.runLabel = this.runButton.getAttribute("aria-label");
    this.#addEditButton();
  }

  get code() {
    return this.own ?? this.book.bookCode;
  }

  get mark() {
    return markOf(this.code);
  }

  get judges() {
    return checks(this.code);
  }

  // Others may run although this one fails: it is meant to, or an answer is not ready.
  get goesOn() {
    return this.book.raises || this.book.isExercise;
  }

  get isShown() {
    return this.book.block.checkVisibility();
  }

  resultsIn(tab) {
    if (!this.results.has(tab)) {
      const answer = (text) => this.host.answer(this, tab, text);
      const made = new Results(this.book, answer);
      if (!this.book.tab) made.box.dataset.tab = tab;
      this.results.set(tab, made);
    }
    return this.results.get(tab);
  }

  // What a shared cell gave shows in its framework alone.
  showTab(tab) {
    if (this.book.tab) return;
    for (const [name, one] of this.results) one.box.hidden = name !== tab;
  }

  // What its button says and does: `idle`, `waiting`, `running`.
  become(state, label = "") {
    this.book.block.dataset.run = state;
    const text = state === "idle" ? label || this.runLabel : say("interrupt");
    this.runButton.setAttribute("aria-label", text);
    this.runButton.title = label;
  }

  #addEditButton() {
    const label = say("edit");
    const edit = element("button", { type: "button", className: "bk-tool bk-edit", "aria-label": label });
    edit.addEventListener("click", () => this.edit());
    this.runButton.before(edit);
    const { pre } = this.book;
    pre.addEventListener("dblclick", () => this.edit(this.#offsetInBook()));
    pre.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === pre) this.edit(0);
    });
  }

  #offsetInBook() {
    const selection = getSelection();
    if (!selection.rangeCount || !this.book.pre.contains(selection.anchorNode)) return 0;
    const range = document.createRange();
    range.setStart(this.book.pre, 0);
    range.setEnd(selection.anchorNode, selection.anchorOffset);
    return range.toString().length;
  }

  // Open the editor, and go there.
  async edit(at) {
    await this.open();
    this.editor.focus(at ?? this.editor.code.length);
  }

  // Open the editor where it is; the reader goes there.
  async open() {
    this.opening ||= import("./editor.js");
    const { Editor } = await this.opening;
    if (this.editor) return;
    this.editor = new Editor(this.book, this.code, {
      change: (code) => this.#change(code),
      run: () => this.host.run(this),
      warm: () => this.host.warm(this),
      ask: (kind, code, cursor) => this.host.ask(this, kind, code, cursor),
      texts: () => this.host.textsTo(this),
      reset: () => this.reset(),
      keepOwn: () => this.keepOwn(),
    });
    this.editor.area.addEventListener("blur", () => this.#closeIfUnused());
    this.#tell();
  }

  // An editor that was looked into only goes; those of exercises wait for an answer.
  #closeIfUnused() {
    setTimeout(() => {
      const isUsed = this.own !== null || this.book.isExercise || document.activeElement === this.editor?.area;
      if (!isUsed && this.editor && document.hasFocus()) this.#close();
    }, 200);
  }

  #close() {
    this.editor.close();
    this.editor = null;
  }

  #change(code) {
    const isBook = code === this.book.bookCode;
    this.own = isBook ? null : code;
    if (isBook) this.base = this.book.bookCode;
    this.#keep();
    this.#tell();
  }

  #keep() {
    if (this.own === null) kept.drop(this.book.tab, this.key);
    else kept.keep(this.book.tab, this.key, this.own, this.base);
  }

  #tell() {
    this.book.block.toggleAttribute("data-edited", this.own !== null);
    this.editor?.tell({
      isChanged: this.own !== null,
      isOld: this.own !== null && this.base !== this.book.bookCode,
    });
  }

  // Take over what was kept, or what another window wrote; null: the book's.
  async follow(code, base) {
    this.own = code === this.book.bookCode ? null : code;
    this.base = base ?? this.book.bookCode;
    if (this.own !== null) await this.open();
    if (this.editor && this.editor.code !== this.code) this.editor.code = this.code;
    this.#tell();
    if (this.own === null && this.editor && !this.book.isExercise) this.#close();
  }

  reset() {
    this.own = null;
    this.base = this.book.bookCode;
    this.#keep();
    if (this.editor) this.editor.code = this.code;
    this.#tell();
    if (!this.book.isExercise) this.#close();
    else this.editor?.focus();
    for (const one of this.results.values()) one.reset();
  }

  keepOwn() {
    this.base = this.book.bookCode;
    this.#keep();
    this.#tell();
    this.editor?.focus();
  }
}
