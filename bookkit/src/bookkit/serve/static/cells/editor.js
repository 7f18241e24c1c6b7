// The editor of a cell: a text area of the browser's own over the coloured code.
//
// Undo, input methods, phone keyboards and screen readers are the browser's. The text
// area's letters cannot be seen: those below it have the same places, and colours.
import { announce, button, element } from "./elements.js";
import { coloured } from "./highlight.js";
import { Hints } from "./hints.js";
import { say } from "./words.js";
import { dedent, hasLines, indent, isInIndent, newLine, unindent } from "./typing.js";

export class Editor {
  // `host`: `change(code)`, `run()`, `warm()`, `ask(kind, code, cursor)`,
  // `texts()`, `reset()`, `keepOwn()`.
  constructor(cell, code, host) {
    this.cell = cell;
    this.host = host;
    this.isLeaving = false;
    this.shown = element("pre", { "aria-hidden": "true" });
    this.area = element("textarea", {
      value: code,
      spellcheck: false,
      autocapitalize: "off",
      autocomplete: "off",
      autocorrect: "off",
      wrap: "off",
      "aria-label": say("editor", { number: cell.key }),
      "aria-description": say("editor_keys"),
    });
    this.box = element("div", { className: "bk-editor" }, this.shown, this.area);
    this.foot = element("div", { className: "bk-editor-foot", hidden: true });
    this.hints = new Hints(this.area, this.shown, host);
    cell.pre.classList.add("bk-aside");
    cell.pre.before(this.box, this.foot);
    cell.block.classList.add("bk-editing");
    this.area.addEventListener("input", () => this.#changed());
    this.area.addEventListener("keydown", (event) => this.#press(event));
    this.area.addEventListener("focus", () => host.warm());
    for (const kind of ["compositionstart", "compositionend"]) {
      this.area.addEventListener(kind, () => {
        this.box.classList.toggle("bk-composing", kind === "compositionstart");
      });
    }
    this.#draw();
  }

  get code() {
    return this.area.value;
  }

  set code(code) {
    this.area.value = code;
    this.#draw();
  }

  focus(at) {
    this.area.focus({ preventScroll: at === undefined });
    if (at !== undefined) this.area.setSelectionRange(at, at);
  }

  // Say how the code differs from the book's; `isOld`: it was made from another text.
  tell({ isChanged, isOld }) {
    this.foot.hidden = !isChanged && !isOld;
    if (this.foot.hidden) {
      this.cell.pre.classList.add("bk-aside");
      this.foot.replaceChildren();
      return;
    }
    if (this.foot.dataset.isOld === String(isOld) && this.foot.firstChild) return;
    this.foot.dataset.isOld = String(isOld);
    const look = button(say("book_code"), () => {
      const isShown = !this.cell.pre.classList.toggle("bk-aside");
      look.setAttribute("aria-expanded", String(isShown));
    });
    look.setAttribute("aria-expanded", String(!this.cell.pre.classList.contains("bk-aside")));
    const offered = [look, button(say(isOld ? "take_new" : "reset"), () => this.host.reset())];
    if (isOld) offered.push(button(say("keep_own"), () => this.host.keepOwn()));
    this.foot.replaceChildren(element("span", {}, say(isOld ? "book_changed" : "changed")), ...offered);
  }

  close() {
    const hadFocus = this.box.parentNode.contains(document.activeElement);
    this.hints.close();
    this.box.remove();
    this.foot.remove();
    this.cell.pre.classList.remove("bk-aside");
    this.cell.block.classList.remove("bk-editing");
    if (hadFocus) this.cell.block.querySelector(".bk-edit").focus();
  }

  #changed() {
    this.#draw();
    this.hints.typed();
    this.host.change(this.code);
  }

  #draw() {
    // A line that has just begun has a height, too.
    this.shown.replaceChildren(coloured(this.code), "\n");
  }

  #press(event) {
    if (event.isComposing) return;
    const isLeaving = this.isLeaving;
    this.isLeaving = false;
    if (this.hints.press(event)) event.preventDefault();
    else if (event.key === "Escape") {
      this.isLeaving = true;
      announce(say("leave"));
      event.preventDefault();
    } else if (event.key === "Tab" && !isLeaving) {
      event.preventDefault();
      this.#tab(event.shiftKey);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      this.host.run();
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      this.hints.complete();
    } else if (event.key === "Enter" && !event.altKey) {
      event.preventDefault();
      newLine(this.area);
    } else if (event.key === "Backspace" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      if (unindent(this.area)) event.preventDefault();
    }
    if (isLeaving && event.key === "Shift") this.isLeaving = true;
  }

  #tab(isBack) {
    const { area } = this;
    const isCode = !isInIndent(area) && !hasLines(area);
    if (isBack) {
      if (isCode) this.hints.help();
      else dedent(area);
    } else if (isCode && /[\w.]/.test(area.value[area.selectionStart - 1] || "")) {
      this.hints.complete();
    } else {
      indent(area);
    }
  }
}
