// Cells of the page run on this server. Added by `bookkit serve` and `bookkit read`.
//
// This much is on every page: it takes the token, and the rest is loaded when a cell is
// to be run, or right away by a reader who may run cells.
(() => {
  "use strict";
  const script = document.currentScript;
  const KEY = "bookkit-run";
  const ASKING_MS = 300;
  const pages = new BroadcastChannel(KEY);
  let token = read();

  function read() {
    try {
      return sessionStorage.getItem(KEY) || "";
    } catch {
      return ""; // Storage is blocked: each page asks the others.
    }
  }

  function keep(found) {
    token = found;
    try {
      if (found) sessionStorage.setItem(KEY, found);
      else sessionStorage.removeItem(KEY);
    } catch {
      // The token holds for this page.
    }
  }

  // Out of sight at once: an address is copied, and kept in the history.
  function takeFromAddress() {
    const found = /^#run=([\w-]+)$/.exec(location.hash);
    if (!found) return false;
    history.replaceState(history.state, "", location.pathname + location.search);
    keep(found[1]);
    return true;
  }

  let loading = null;
  function main() {
    loading ||= import(new URL("cells/main.js", script.src)).then((module) =>
      module.begin({ token: () => token, forget: () => keep("") }),
    );
    return loading;
  }

  // Pages of this server hand it to those that were opened in a window of their own.
  pages.onmessage = ({ data }) => {
    if (data.wants && token) pages.postMessage({ token });
    else if (data.token && !token) {
      keep(data.token);
      main();
    }
  };

  document.addEventListener("bookkit:run", async (event) => {
    event.preventDefault();
    if (!token) await new Promise((done) => setTimeout(done, ASKING_MS));
    (await main()).run(event.target);
  });

  addEventListener("hashchange", async () => {
    if (takeFromAddress()) (await main()).again();
  });

  if (takeFromAddress() || token) main();
  else pages.postMessage({ wants: true });
})();
