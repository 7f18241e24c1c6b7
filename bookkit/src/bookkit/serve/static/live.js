// Loads the page again when there is another site, and shows why a build failed.
// Added by `bookkit serve` to the pages it sends; it talks to no other host.
(() => {
  "use strict";
  const script = document.currentScript;
  const address = new URL("live", script.src);
  address.protocol = address.protocol.replace("http", "ws");
  const LONGEST_PAUSE_MS = 3000;
  let pause = 250;
  let panel = null;
  let dismissed = null;

  function connect() {
    const socket = new WebSocket(address);
    socket.onopen = () => { pause = 250; };
    socket.onmessage = (event) => take(JSON.parse(event.data));
    socket.onclose = () => {
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
  }

  function take(state) {
    if (state.version !== script.dataset.version) {
      location.reload();
    } else if (!state.error) {
      dismissed = null;
      close();
    } else if (dismissed !== state.build) {
      show(state);
    }
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function show(state) {
    close();
    const dismiss = () => { dismissed = state.build; close(); };
    const button = element("button", { type: "button" }, "Dismiss ", element("kbd", {}, "Esc"));
    button.onclick = dismiss;
    const text = element("pre", { tabIndex: 0 }, state.error);
    text.setAttribute("aria-label", "What the build said");
    const words = state.version
      ? " Pages that it could not make are from the last good one."
      : " There is no site yet.";
    const title = element("p", {}, element("strong", {}, "The build failed."), words);
    panel = element("div", { id: "bookkit-live", lang: "en" }, element("div", {}, title, button), text);
    panel.setAttribute("role", "alert");
    panel.dismiss = dismiss;
    document.body.append(panel);
  }

  function close() {
    if (panel) panel.remove();
    panel = null;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel && !event.defaultPrevented) panel.dismiss();
  });
  connect();
})();
