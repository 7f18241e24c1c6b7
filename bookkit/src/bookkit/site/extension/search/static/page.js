/* The form, the address and the answers, kept in step. */

const view = {
  form: document.getElementById("search-form"),
  input: document.getElementById("search-question"),
  status: document.getElementById("search-status"),
  results: document.getElementById("search-results"),
  title: document.title,
  /* The question that is answered now. */
  shown: null,
  stop: () => {},
  /* Whether the question in the address is still being typed. */
  isTyping: false,
};

const asked = () =>
  (new URLSearchParams(location.search).get("q") || "").trim().slice(0, MOST_LETTERS);

/* Say and show the answer to what is asked. */
function show(question) {
  view.shown = question;
  document.title = question ? `${question} - ${view.title}` : view.title;
  if (!book) {
    view.status.textContent = searchWords.damaged;
    view.results.replaceChildren();
  } else if (question === "") {
    view.status.textContent = "";
    view.results.replaceChildren(element("p", "help", searchWords.empty));
  } else {
    const { parts, status } = answerTo(question);
    view.status.textContent = status;
    view.results.replaceChildren(...parts);
  }
}

/* The rest of the address stays: the framework may be in it. */
function addressOfQuestion(question) {
  const url = new URL(location.href);
  if (question) url.searchParams.set("q", question);
  else url.searchParams.delete("q");
  url.hash = "";
  return url.href;
}

/* One entry of the history for each question, not for each letter. */
function ask({ isDone }) {
  view.stop();
  const question = typedIn(view.input);
  if (question !== asked()) {
    const entry = view.isTyping ? "replaceState" : "pushState";
    try {
      history[entry](history.state, "", addressOfQuestion(question));
    } catch {
      /* Some browsers let no file change its address: the answer comes all the same. */
    }
    show(question);
  }
  view.isTyping = !isDone;
}

function follow() {
  view.isTyping = false;
  if (view.shown === asked()) return;
  view.input.value = asked();
  show(asked());
}

function listen() {
  view.stop = whenTyped(view.input, () => ask({ isDone: false }));
  view.form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask({ isDone: true });
  });
  view.results.addEventListener("click", (event) => {
    const similarWord = event.target.closest(".bk-search-similar");
    if (!similarWord || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    view.input.value = similarWord.textContent;
    ask({ isDone: true });
    view.input.focus();
  });
  addEventListener("popstate", follow);
  document.addEventListener("bookkit:tab", () => showPlacesAgain(view.results));
}

/* What the index calls, and what the tests of the site ask. */
globalThis.bookkitSearch = { load, find };

/* Scripts that wait run before this, the index among them. */
document.addEventListener("DOMContentLoaded", () => {
  if (!view.form) return;
  listen();
  follow();
  if (!asked()) view.input.focus({ preventScroll: true });
});
