/* Furo's button of light, dark and system tells only the eye what it did, and needs a
 * storage. This one takes its clicks: it names the choice, and works without one. */
const THEME_KEY = "theme";
const themeButtons = [...document.querySelectorAll(".theme-toggle")];
const themeWords = BOOKKIT_THEMES;

function themeNow() {
  const { theme } = document.body.dataset;
  return Object.hasOwn(themeWords, theme) ? theme : "auto";
}

function nameTheme() {
  /* A storage may hold anything: what is no scheme is none. */
  document.body.dataset.theme = themeNow();
  for (const button of themeButtons) {
    button.setAttribute("aria-label", themeWords[themeNow()]);
    button.title = themeWords[themeNow()];
  }
}

/* Said to screen readers: a name that changes is not. */
const themeStatus = document.createElement("p");
themeStatus.className = "visually-hidden";
themeStatus.setAttribute("role", "status");
document.querySelector("article").before(themeStatus);

function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  return order[(order.indexOf(themeNow()) + 1) % order.length];
}

for (const button of themeButtons) {
  button.addEventListener(
    "click",
    (event) => {
      event.stopImmediatePropagation();
      document.body.dataset.theme = nextTheme();
      nameTheme();
      themeStatus.textContent = themeWords[themeNow()];
      try {
        localStorage.setItem(THEME_KEY, themeNow());
      } catch {
        /* Storage is blocked or full: the choice holds for this page. */
      }
    },
    true,
  );
}
nameTheme();
