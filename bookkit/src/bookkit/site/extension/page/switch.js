/* The bar above the text: which framework, beside which other one, and a word about it. */
const bar = document.querySelector(".bk-bar");

function describeBar() {
  const { tab, compare } = choice();
  for (const input of bar.querySelectorAll(".bk-framework input")) {
    input.checked = input.value === tab;
  }
  const select = bar.querySelector(".bk-compare select");
  for (const option of select.options) {
    option.hidden = option.disabled = option.value === tab;
  }
  select.value = compare;
}

function sayChoice({ tab, compare }) {
  const status = bar.querySelector("[role=status]");
  const title = (name) => bar.querySelector(`.bk-framework[data-tab="${name}"]`).textContent.trim();
  const isBeside = compare && getComputedStyle(bar.querySelector(".bk-compare")).display !== "none";
  const sentence = isBeside ? status.dataset.beside : status.dataset.shown;
  status.textContent = sentence
    .replace("{title}", title(tab))
    .replace("{other}", isBeside ? title(compare) : "");
}

function listenToBar() {
  let isByKey = false;
  bar.addEventListener("keydown", (event) => {
    isByKey = event.key.startsWith("Arrow");
  });
  bar.addEventListener("pointerdown", () => {
    isByKey = false;
  });
  bar.addEventListener("change", ({ target }) => {
    if (target.matches("select")) choose({ compare: target.value });
    else choose({ tab: target.value }, { isByKey });
  });
  bar.querySelector(".bk-compare button").addEventListener("click", () => {
    choose({ compare: "" });
    bar.querySelector(".bk-compare select").focus({ preventScroll: true });
  });
  document.addEventListener("bookkit:tab", ({ detail }) => {
    describeBar();
    sayChoice(detail);
  });
}

if (bar) {
  describeBar();
  listenToBar();
}
