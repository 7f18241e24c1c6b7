/* What interactive figures share: they come in place of the output before them. */
const words = BOOKKIT_LIVE;
const DRAWING = "http://www.w3.org/2000/svg";

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const element = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);
const drawn = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(DRAWING, name), attributes, children);

const spoken = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/* If anything is wrong with the content, the still output stays. */
function replaceStill(kind, draw) {
  const boxes = document.querySelectorAll(`.bk-live[data-kind="${kind}"]`);
  boxes.forEach((box, number) => {
    const still = box.previousElementSibling;
    box.append(...draw(JSON.parse(box.dataset.content), `bk-${kind}-${number}`, still));
    box.removeAttribute("data-content");
    box.hidden = false;
    still.classList.add("bk-still");
  });
}
