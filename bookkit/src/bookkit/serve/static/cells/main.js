// Cells that a reader runs: the page, the kernels behind it, and what goes between them.
import { Bar } from "./bar.js";
import { Cell } from "./cell.js";
import { Connection } from "./connection.js";
import { announce, element } from "./elements.js";
import * as kept from "./kept.js";
import { bookCells, pageName, shownTab } from "./page.js";
import { Runner } from "./runner.js";
import { say } from "./words.js";

const HOVER_MS = 150;
const ANSWER_MS = 10000;

export function begin({ token, forget }) {
  const reader = kept.readerName();
  const hello = () => ({ type: "hello", token: token(), page: pageName, reader });
  const connection = new Connection(hello);
  const host = { run: runCell, warm, ask, answer, textsTo };
  const cells = bookCells.map((book) => new Cell(book, host));
  const ofBlock = new Map(cells.map((cell) => [cell.book.block, cell]));
  const runners = new Map();
  const asked = new Map();
  let asking = 0;
  const bar = new Bar({ runner: () => runners.get(tabShown()), connection });

  // A page of one framework shows it whatever the reader chose elsewhere.
  function tabShown() {
    const shown = shownTab();
    const own = [...new Set(cells.map((cell) => cell.book.tab).filter(Boolean))];
    if (runners.has(shown) && (own.includes(shown) || !own.length)) return shown;
    return own.find((tab) => runners.has(tab)) || [...runners.keys()][0] || "";
  }

  const runnerOf = (cell) => runners.get(cell.book.tab || tabShown());

  function titleOf(tab) {
    const label = document.querySelector(`.bk-panel[data-tab="${CSS.escape(tab)}"] .bk-panel-label`);
    return label?.textContent || tab;
  }

  function runnerIn(tab) {
    if (!runners.has(tab)) {
      const own = cells.filter((cell) => cell.book.isIn(tab));
      const made = new Runner(tab, titleOf(tab), own, (message) => connection.send(message));
      made.addEventListener("change", () => show(made));
      runners.set(tab, made);
    }
    return runners.get(tab);
  }

  function show(runner) {
    const label = runner.canRun ? "" : [runner.refusal().text, runner.refusal().next].join(" ").trim();
    for (const cell of runner.cells) {
      if (runner !== runnerOf(cell)) continue;
      const state = cell === runner.running ? "running" : runner.isPending(cell) ? "waiting" : "idle";
      cell.become(state, label);
    }
    bar.show();
  }

  function showAll() {
    for (const cell of cells) cell.showTab(tabShown());
    for (const runner of runners.values()) show(runner);
    bar.show();
  }

  connection.addEventListener("message", ({ detail }) => {
    if (detail.type === "ready") {
      for (const [tab, offer] of Object.entries(detail.tabs)) {
        runnerIn(tab).resume(offer, detail.kernels[tab]);
      }
      bar.calm();
      showAll();
    } else if (detail.type === "problem") {
      bar.complain(detail.text, detail.next);
    } else if (detail.type === "completions" || detail.type === "help") {
      asked.get(detail.id)?.(detail);
      asked.delete(detail.id);
    } else if (runners.has(detail.tab)) {
      runners.get(detail.tab).take(detail);
    }
  });

  connection.addEventListener("state", () => {
    if (connection.state === "refused") {
      forget();
      bar.complain(say("refused"));
    } else if (connection.state === "lost") {
      announce(say("state_link_lost"));
    }
    bar.show();
  });

  async function runCell(cell) {
    if (!token()) {
      bar.complain(say("no_token"));
      return;
    }
    if (!(await connection.ready())) return;
    const runner = runnerOf(cell);
    if (!runner) return;
    const results = cell.resultsIn(runner.tab);
    cell.showTab(tabShown());
    if (!runner.canRun) {
      const { text, next } = runner.refusal();
      results.say(text, ...(next ? [" ", say("next"), " ", element("code", {}, next)] : []));
      announce(`${text} ${next}`);
    } else if (runner.isPending(cell)) {
      runner.interrupt();
    } else {
      bar.calm();
      runner.run(cell);
      if (cell.book.isSkipped) announce(say("skipped"));
    }
  }

  async function warm(cell) {
    if (token() && (await connection.ready())) runnerOf(cell)?.warm();
  }

  async function ask(cell, kind, code, cursor) {
    if (!token() || !(await connection.ready())) return null;
    const runner = runnerOf(cell);
    if (!runner?.canRun || !(await runner.isFree())) return null;
    const id = `ask-${(asking += 1)}`;
    connection.send({ type: kind, tab: runner.tab, id, code, cursor });
    return new Promise((done) => {
      asked.set(id, done);
      setTimeout(() => done(null), ANSWER_MS);
    });
  }

  // The code up to a cell, for who cannot ask the kernel.
  function textsTo(cell) {
    const own = runnerOf(cell)?.cells || [cell];
    return own.slice(0, own.indexOf(cell) + 1).map((one) => one.code);
  }

  function answer(cell, tab, text) {
    connection.send({ type: "answer", tab, text });
  }

  // What this browser kept. A cell's number may be another one by now; its text is not.
  function restore() {
    const all = kept.all();
    for (const one of all) {
      const same = cells.filter(({ book }) => book.tab === one.tab);
      const there = same.find((cell) => cell.key === one.key);
      const moved = there?.book.bookCode === one.book ? null : same.find(({ book }) => book.bookCode === one.book);
      const cell = moved || there;
      if (!cell || cell.own !== null) continue;
      if (cell === moved) {
        kept.drop(one.tab, one.key);
        kept.keep(cell.book.tab, cell.key, one.code, one.book);
      }
      cell.follow(one.code, one.book);
    }
  }

  kept.onBlocked(() => bar.complain(say("not_kept")));
  kept.follow(({ tab, key, code, book }) => {
    cells.find((cell) => cell.book.tab === tab && cell.key === key)?.follow(code, book);
  });
  restore();

  // Answers are written where the questions are: their editors open as they come near.
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        ofBlock.get(target).open();
      }
    },
    { rootMargin: "50%" },
  );
  if (token()) {
    for (const cell of cells) if (cell.book.isExercise) near.observe(cell.book.block);
    connection.open();
  }

  let hovering = 0;
  document.addEventListener("pointerover", ({ target }) => {
    clearTimeout(hovering);
    const block = target.closest?.(".bk-run")?.closest(".highlight");
    if (block) hovering = setTimeout(() => warm(ofBlock.get(block)), HOVER_MS);
  });
  document.addEventListener("bookkit:tab", showAll);
  document.documentElement.style.setProperty("--bk-of-book-label", JSON.stringify(say("of_book")));

  return {
    run: (block) => ofBlock.has(block) && runCell(ofBlock.get(block)),
    again: () => connection.again(),
  };
}
