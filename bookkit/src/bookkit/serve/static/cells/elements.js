// Elements and what is in them, in one expression.
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function button(text, act, properties = {}) {
  const made = element("button", { type: "button", ...properties }, text);
  made.addEventListener("click", act);
  return made;
}

// One place for all that a screen reader is told: what is there before it changes.
const status = element("p", { className: "visually-hidden", role: "status" });
document.querySelector("article").before(status);

export function announce(text) {
  status.textContent = text;
}
