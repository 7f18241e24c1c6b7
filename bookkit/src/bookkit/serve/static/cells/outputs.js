// What a cell gives, in the same boxes as the book's outputs.
import { element } from "./elements.js";
import { say } from "./words.js";

// As on the book's pages (site/extension/cells/outputs.py).
const MOST_LINES = 24;
const SHOWN_LINES = 16;

// A block of text that grows; of a long one the rest is folded.
class TextBlock {
  constructor(name) {
    this.text = "";
    this.box = element("div");
    this.#name(name);
    this.#draw();
  }

  #name(name) {
    this.name = name;
    this.box.className = `output highlight notranslate${name ? ` bk-${name}` : ""}`;
  }

  add({ text, name, keep }) {
    const isNew = name !== this.name;
    if (isNew) this.#name(name);
    if (keep === undefined && !isNew && this.rest) {
      this.text += text;
      this.rest.appendData(text);
      this.#count();
      return;
    }
    this.text = this.text.slice(0, keep ?? this.text.length) + text;
    this.#draw();
  }

  // A traceback says at its end what happened; of others the beginning shows.
  #draw() {
    const lines = this.text.replace(/\n$/, "").split("\n");
    this.rest = null;
    if (lines.length <= MOST_LINES) {
      this.box.replaceChildren(element("pre", {}, this.text));
      return;
    }
    const isEnd = this.name === "traceback";
    const cut = isEnd ? lines.length - SHOWN_LINES : SHOWN_LINES;
    const parts = [lines.slice(0, cut).join("\n"), lines.slice(cut).join("\n")];
    const [folded, shown] = isEnd ? parts : parts.reverse();
    const rest = document.createTextNode(folded);
    this.more = element("span", { className: "bk-fold-more" });
    const summary = element(
      "summary",
      {},
      this.more,
      element("span", { className: "bk-fold-less" }, say("fold")),
    );
    const wasOpen = this.box.querySelector("details")?.open;
    const fold = element("details", { className: "bk-fold" }, summary, element("pre", {}, rest));
    fold.open = Boolean(wasOpen);
    const pre = element("pre", {}, shown);
    this.box.replaceChildren(...(isEnd ? [fold, pre] : [pre, fold]));
    this.rest = isEnd ? null : rest;
    this.more.textContent = say(isEnd ? "before" : "after", { count: lines.length - SHOWN_LINES });
  }

  #count() {
    const count = this.text.replace(/\n$/, "").split("\n").length - SHOWN_LINES;
    this.more.textContent = say("after", { count });
  }
}

function picture({ mime, data, caption, size }) {
  const text = mime === "image/svg+xml" ? encodeURIComponent(data) : data;
  const image = element("img", {
    alt: caption || say("picture"),
    src: `data:${mime}${mime === "image/svg+xml" ? "" : ";base64"},${text}`,
  });
  for (const [side, length] of Object.entries(size || {})) image.setAttribute(side, length);
  const figure = element("figure", { className: "bk-rich" }, image);
  if (caption) {
    figure.classList.add("bk-plot");
    figure.append(element("figcaption", {}, caption));
  }
  return figure;
}

function html(text, className) {
  const box = element("div", { className });
  box.innerHTML = text;
  return box;
}

function boxOf(output) {
  switch (output.kind) {
    case "picture":
      return picture(output);
    case "html":
      return html(output.html, "bk-rich bk-rich-html docutils container");
    case "math":
      return html(output.html, "bk-rich bk-ran-math");
    default:
      return element("p", { className: "bk-rich bk-ran-cut" }, output.text);
  }
}

// The outputs of one run, in their order.
export class Outputs {
  constructor() {
    this.box = element("div", { className: "bk-ran-outputs" });
    this.#empty();
  }

  get isEmpty() {
    return !this.box.firstChild;
  }

  get boxes() {
    return [...this.box.children];
  }

  // The last text that is no stream's, e.g. a value.
  get value() {
    return this.last && !this.last.name ? this.last : null;
  }

  clear() {
    this.box.replaceChildren();
    this.#empty();
  }

  #empty() {
    this.last = null;
    this.displays = new Map();
  }

  add({ output, display, replaces }) {
    if (output.kind === "text" && !output.new && this.last) {
      this.last.add(output);
      return;
    }
    const before = replaces && this.displays.get(replaces);
    let box = null;
    if (output.kind === "text") {
      const block = new TextBlock(output.name);
      block.add(output);
      if (!before) this.last = block;
      box = block.box;
    } else {
      if (!before) this.last = null;
      box = boxOf(output);
    }
    if (before) before.replaceWith(box);
    else this.box.append(box);
    const name = display || replaces;
    if (name) this.displays.set(name, box);
  }
}
