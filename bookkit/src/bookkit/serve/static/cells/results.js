// What one cell gave in one framework, below its code: outputs, what became of the run,
// the verdict on an answer, what it asks for, and how it compares with the book.
import { announce, button, element } from "./elements.js";
import { Outputs } from "./outputs.js";
import { essenceOf } from "./page.js";
import { say } from "./words.js";

const verdictOf = (value) => {
  const text = value.trim().replace(/^(['"])(.*)\1$/s, "$2");
  if (text === say("right")) return { kind: "right", text: `✓ ${text}` };
  if (text === say("unwritten")) return { kind: "unwritten", text };
  return { kind: "wrong", text: `✗ ${text}` };
};

const secondsOf = (seconds) => seconds.toFixed(seconds < 10 ? 2 : 1);

export class Results {
  // `cell`: the book's; `answer(text)`: what the reader typed for `input()`.
  constructor(cell, answer) {
    this.cell = cell;
    this.answer = answer;
    this.outputs = new Outputs();
    this.verdict = element("p", { className: "bk-verdict" });
    this.said = element("span", { className: "bk-run-said" });
    this.actions = element("span", { className: "bk-run-actions" });
    this.form = element("div");
    this.line = element("div", { className: "bk-run-line" }, this.said, this.actions);
    const parts = [this.verdict, this.outputs.box, this.form, this.line];
    this.box = element("div", { className: "bk-ran", "data-cell": cell.key }, ...parts);
    this.line.hidden = this.verdict.hidden = true;
    this.isAside = false;
    (cell.bookOutputs.at(-1) || cell.frame).after(this.box);
  }

  // Say something of the run, e.g. what runs first; `parts` may be elements.
  say(...parts) {
    this.said.replaceChildren(...parts);
    this.#showLine();
  }

  offer(...buttons) {
    this.actions.replaceChildren(...buttons);
    this.#showLine();
  }

  #showLine() {
    this.line.hidden = !this.said.firstChild && !this.actions.firstChild;
  }

  begin() {
    this.isFresh = true; // what is there stays until there is something new
    this.box.dataset.state = "running";
    this.say(say("running"));
    this.actions.replaceChildren();
    this.form.replaceChildren();
  }

  #renew() {
    if (!this.isFresh) return;
    this.isFresh = false;
    this.outputs.clear();
    this.verdict.hidden = true;
    this.setAside(true);
  }

  add(message) {
    this.#renew();
    this.outputs.add(message);
  }

  clear() {
    this.isFresh = true;
  }

  ask({ prompt, password }) {
    this.#renew();
    const input = element("input", {
      type: password ? "password" : "text",
      autocomplete: "off",
      spellcheck: false,
    });
    const label = element("label", {}, prompt || say("asks"), input);
    const send = element("button", { type: "submit" }, say("answer"));
    const form = element("form", { className: "bk-ask" }, label, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.form.replaceChildren();
      this.answer(input.value);
    });
    this.form.replaceChildren(form);
    announce(`${say("asks")} ${prompt}`);
    if (this.box.contains(document.activeElement) || this.isWatched()) input.focus();
  }

  // Nobody is torn away from what he types elsewhere.
  isWatched() {
    const active = document.activeElement;
    return active === document.body || this.cell.block.contains(active);
  }

  // `judges`: the code ends with a check of an answer.
  end({ status, seconds, judges }) {
    this.#renew();
    this.form.replaceChildren();
    this.box.dataset.state = status;
    const took = say("seconds", { seconds: secondsOf(seconds || 0) });
    const isWhole = status === "ok" || status === "error";
    if (judges && isWhole) this.#judge(status);
    this.say(status === "ok" ? took : say(`ended_${status}`));
    if (this.before && status !== "aborted") {
      this.said.append(say("separator"), say("first_ran", { count: this.before }));
    }
    this.before = 0;
    if (!judges && isWhole) this.#compare();
  }

  #judge(status) {
    const value = status === "ok" && this.outputs.value;
    const verdict = value
      ? verdictOf(value.text)
      : { kind: "wrong", text: `✗ ${say(`ended_${status}`)}` };
    if (value) value.box.remove();
    this.verdict.dataset.kind = verdict.kind;
    this.verdict.textContent = verdict.text;
    this.verdict.hidden = false;
    announce(verdict.text);
  }

  #compare() {
    const book = this.cell.bookOutputs;
    const essences = (boxes) => boxes.map(essenceOf).filter(Boolean);
    const ours = essences(this.outputs.boxes);
    const theirs = essences(book);
    if (!ours.length && !theirs.length) return;
    const isSame = ours.join("\n\n") === theirs.join("\n\n");
    this.box.dataset.same = String(isSame);
    this.said.append(say("separator"), say(isSame ? "same" : "different"));
    if (isSame && !ours.includes("picture")) {
      // The book's boxes say the same, and may do more.
      this.outputs.clear();
      this.setAside(false);
    } else if (theirs.length) {
      const toggle = button(say("show_book"), () => {
        this.setAside(!this.isAside);
        toggle.textContent = say(this.isAside ? "show_book" : "hide_book");
        toggle.setAttribute("aria-expanded", String(!this.isAside));
      });
      toggle.setAttribute("aria-expanded", "false");
      this.actions.append(toggle);
    }
  }

  // Put the book's outputs away, or show them below the reader's.
  setAside(isAside) {
    this.isAside = isAside;
    for (const box of this.cell.bookOutputs) box.classList.toggle("bk-aside", isAside);
    const first = this.cell.bookOutputs[0];
    if (first) first.classList.toggle("bk-of-book", !isAside && !this.outputs.isEmpty);
  }

  // As the page was.
  reset() {
    this.outputs.clear();
    this.isFresh = false;
    this.form.replaceChildren();
    this.verdict.hidden = true;
    delete this.box.dataset.state;
    delete this.box.dataset.same;
    this.setAside(false);
    this.said.replaceChildren();
    this.actions.replaceChildren();
    this.#showLine();
  }
}
