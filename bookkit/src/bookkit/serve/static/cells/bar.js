// The kernel of the framework that is shown: what it does, and what can be done to it.
import { button, element } from "./elements.js";
import { say } from "./words.js";

export class Bar {
  constructor({ runner, connection }) {
    this.runner = runner; // a function: the framework may be another one
    this.connection = connection;
    this.state = element("span", { className: "bk-kernel-state" });
    this.problem = element("p", { className: "bk-kernel-problem", role: "alert", hidden: true });
    this.all = button(say("run_all"), () => this.runner().runAll());
    this.stop = button(say("interrupt"), () => this.runner().interrupt());
    this.anew = button(say("restart"), () => this.runner().restart());
    const row = element("div", { className: "bk-kernel-row" }, this.state, this.all, this.stop, this.anew);
    this.box = element(
      "section",
      { className: "bk-kernel", "aria-label": say("kernel"), hidden: true },
      this.problem,
      row,
    );
    document.body.append(this.box);
  }

  // Tell what went wrong, and what to run next, until something goes right.
  complain(text, next = "") {
    const close = button("×", () => this.calm(), { "aria-label": say("close") });
    this.problem.replaceChildren(text, ...(next ? [" ", element("code", {}, next)] : []), close);
    this.problem.hidden = false;
    this.box.hidden = false;
  }

  calm() {
    this.problem.hidden = true;
    this.show();
  }

  show() {
    const runner = this.runner();
    const isLinked = this.connection.state === "ready";
    this.box.hidden = this.problem.hidden && isLinked && (!runner || !runner.canRun);
    if (!runner) return;
    const name = isLinked ? runner.state : `link_${this.connection.state}`;
    this.box.dataset.state = isLinked && runner.isBusy ? "busy" : name;
    const what = say(`state_${this.box.dataset.state}`);
    this.state.textContent = say("state", { title: runner.title, state: what });
    this.state.title = runner.text;
    this.all.disabled = !isLinked || !runner.canRun || runner.isBusy;
    this.stop.hidden = !runner.isBusy;
    this.anew.disabled = !isLinked || ["none", "starting"].includes(runner.state);
  }
}
