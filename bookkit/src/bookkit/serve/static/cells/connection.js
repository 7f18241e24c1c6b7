// The web socket: it comes again when it is lost, until the server refuses the token.
const LONGEST_PAUSE_MS = 5000;
const WRONG_TOKEN = 4401;
const NO_PAGE = 4400;

export class Connection extends EventTarget {
  // `state`: closed, connecting, ready, lost, or refused for good.
  state = "closed";
  #socket = null;
  #pause = 250;
  #hello;
  #timer = 0;

  constructor(hello) {
    super();
    this.#hello = hello;
    addEventListener("online", () => this.#retry());
    addEventListener("pageshow", () => this.#retry());
  }

  open() {
    if (["connecting", "ready"].includes(this.state)) return;
    clearTimeout(this.#timer);
    this.#become("connecting");
    const address = new URL("../run", import.meta.url);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#lose(code);
    };
  }

  // Say hello anew, with another token.
  again() {
    const old = this.#socket;
    this.#socket = null;
    if (old) old.close();
    this.state = "closed";
    this.open();
  }

  send(message) {
    if (this.state === "ready") this.#socket.send(JSON.stringify(message));
  }

  // Wait until orders can be given; false: they never can.
  async ready() {
    if (this.state === "closed") this.open();
    while (this.state !== "ready") {
      if (this.state === "refused") return false;
      await new Promise((done) => {
        this.addEventListener("state", done, { once: true });
      });
    }
    return true;
  }

  #take(message) {
    if (message.type === "ready") {
      this.#pause = 250;
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
      this.#become("ready");
    } else {
      this.dispatchEvent(new CustomEvent("message", { detail: message }));
    }
  }

  #lose(code) {
    if (code === WRONG_TOKEN || code === NO_PAGE) {
      this.#become("refused");
      return;
    }
    this.#become("lost");
    this.#timer = setTimeout(() => this.open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }

  #retry() {
    if (this.state === "lost") this.open();
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
