// One framework's kernel, as this page sees it: what ran in it, what has to run first.
import { announce, button, element } from "./elements.js";
import { say } from "./words.js";

const linkTo = (cell) =>
  element("a", { href: `#cell-${cell.key.split(".")[0]}` }, say("cell", { number: cell.key }));

// Orders of all windows have names of their own.
const window_ = Math.random().toString(36).slice(2, 8);
let count = 0;

export class Runner extends EventTarget {
  // `cells`: all of the page that this framework has, in their order.
  constructor(tab, title, cells, send) {
    super();
    this.tab = tab;
    this.title = title;
    this.cells = cells;
    this.send = (message) => send({ ...message, tab });
    this.byKey = new Map(cells.map((cell) => [cell.key, cell]));
    this.offer = null; // of the server: `state`, `next`, `text`
    this.state = "none";
    this.text = "";
    this.generation = 0;
    this.ran = new Map(); // key -> mark of the code that ran last, and well
    this.failed = new Map(); // the same of cells that may fail
    this.waiting = [];
    this.running = null;
    this.lastFailed = null;
  }

  get canRun() {
    return this.offer?.state === "ready";
  }

  get isBusy() {
    return this.running !== null || this.waiting.length > 0;
  }

  isPending(cell) {
    return cell === this.running || this.waiting.some((one) => one.cell === cell);
  }

  // Why a framework cannot be run here, and what to do.
  refusal() {
    const { state, text, next } = this.offer || {};
    const what = text || say(state === "missing" ? "missing" : "unavailable", { title: this.title });
    return { text: what, next: next || "" };
  }

  #told() {
    this.dispatchEvent(new Event("change"));
  }

  // What the server says.

  // After each connection: what is there, whatever was thought before.
  resume(offer, kernel) {
    this.offer = offer || { state: "unavailable" };
    const { state = "none", generation = 0, ran = {}, text = "" } = kernel || {};
    const lost = [this.running, ...this.waiting.map((one) => one.cell)].filter(Boolean);
    this.running = null;
    this.waiting = [];
    if (generation !== this.generation) this.failed.clear();
    this.generation = generation;
    this.ran = new Map(Object.entries(ran));
    this.state = state;
    this.text = text;
    for (const cell of lost) {
      cell.resultsIn(this.tab).end({ status: this.ran.get(cell.key) === cell.mark ? "unheard" : "lost" });
    }
    this.#told();
  }

  take(message) {
    const cell = this.byKey.get(message.cell);
    if (message.type === "kernel") this.#kernel(message);
    else if (!cell) return;
    else if (message.type === "running") this.#begin(cell, message);
    else if (message.type === "output") cell.resultsIn(this.tab).add(message);
    else if (message.type === "clear") cell.resultsIn(this.tab).clear();
    else if (message.type === "input") cell.resultsIn(this.tab).ask(message);
    else if (message.type === "done") this.#done(cell, message);
    this.#told();
  }

  #kernel({ state, generation, text }) {
    if (generation !== this.generation || state === "restarted" || state === "dead") {
      this.ran.clear();
      this.failed.clear();
    }
    this.generation = generation;
    if (state !== "queued") this.state = state === "restarted" ? "idle" : state;
    if (state !== "queued") this.text = text || "";
    if (text) announce(text);
  }

  #begin(cell, { id, forgets = [], again }) {
    if (!again) this.#forget(forgets);
    this.waiting = this.waiting.filter((one) => one.id !== id);
    this.running = cell;
    cell.resultsIn(this.tab).begin();
  }

  #forget(keys) {
    for (const key of keys) {
      this.ran.delete(key);
      this.failed.delete(key);
    }
  }

  #done(cell, { id, status, seconds, mark, again }) {
    const order = this.waiting.find((one) => one.id === id);
    this.waiting = this.waiting.filter((one) => one.id !== id);
    if (this.running === cell) this.running = null;
    const results = cell.resultsIn(this.tab);
    if (!again) this.#note(cell, status, mark);
    // Of cells that did not get their turn, the one that was wanted says why.
    if (status !== "aborted") results.end({ status, seconds, judges: cell.judges });
    else if (order?.isWanted) {
      results.end({ status });
      if (!this.lastFailed) return;
      results.say(say("because"), linkTo(this.lastFailed));
      results.offer(button(say("run_only"), () => this.#order([cell], cell)));
    }
  }

  #note(cell, status, mark) {
    this.ran.delete(cell.key);
    if (status === "ok") this.ran.set(cell.key, mark);
    if (status !== "error") return;
    this.lastFailed = cell;
    if (cell.goesOn) this.failed.set(cell.key, mark);
  }

  // What the reader wants.

  warm() {
    if (this.canRun && ["none", "dead"].includes(this.state)) {
      this.state = "starting";
      this.send({ type: "start" });
      this.#told();
    }
  }

  // Wait until the kernel can be asked; false: it is busy, or there is none.
  async isFree() {
    this.warm();
    while (this.state === "starting") {
      await new Promise((done) => {
        this.addEventListener("change", done, { once: true });
      });
    }
    return this.state === "idle" && !this.isBusy;
  }

  // What has to run before a cell does as in the book, and then the cell.
  #plan(cell) {
    const found = [];
    const known = new Map([...this.failed, ...this.ran]);
    for (const { cell: one, mark, forgets } of this.waiting) {
      for (const key of forgets) known.delete(key);
      known.set(one.key, mark);
    }
    let isAnew = false;
    for (const one of this.cells) {
      if (one === cell) break;
      if (one.book.solution || one.book.isSkipped || !one.code.trim()) continue;
      const before = known.get(one.key);
      if (before === one.mark && !isAnew) continue;
      isAnew ||= before !== undefined && before !== one.mark;
      found.push(one);
    }
    return [...found, cell];
  }

  run(cell) {
    const plan = this.#plan(cell);
    if (plan.length > 1) {
      const text = say("first", { count: plan.length - 1 });
      cell.resultsIn(this.tab).say(text);
      announce(text);
    }
    this.#order(plan, cell);
    if (plan.length > 1) cell.resultsIn(this.tab).before = plan.length - 1;
  }

  runAll() {
    this.#order(this.cells.filter((one) => !one.book.solution && !one.book.isSkipped && one.code.trim()));
  }

  #order(plan, wanted) {
    this.lastFailed = null;
    for (const cell of plan) {
      const id = `${window_}-${(count += 1)}`;
      const { key, code, mark } = cell;
      const before = this.ran.get(key);
      // What ran below used what this one makes anew.
      const below = this.cells.slice(this.cells.indexOf(cell) + 1).map((one) => one.key);
      const forgets = before !== undefined && before !== mark ? below : [];
      this.waiting.push({ id, cell, mark, forgets, isWanted: cell === wanted });
      this.send({ type: "execute", id, cell: key, code, mark, forgets, goes_on: cell.goesOn });
    }
    this.#told();
  }

  interrupt() {
    this.send({ type: "interrupt" });
  }

  restart() {
    this.ran.clear();
    this.failed.clear();
    this.send({ type: "restart" });
  }
}
