/* Blocks inside of blocks: each opens, and shows its parameters and what is inside. */
const isKnown = (shape) => Array.isArray(shape) && shape.every((size) => size > 0);
const sizeOf = (shape) => (isKnown(shape) ? shape.reduce((all, size) => all * size, 1) : NaN);
const shownSize = (size) => (Number.isNaN(size) ? words.unknown : size.toLocaleString("en"));

function shownShape(shape) {
  if (!Array.isArray(shape)) return words.unknown;
  const sizes = shape.map((size) => (size > 0 ? size : "?"));
  return `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
}

/* One that is in two places counts once. */
function inside(node, found = new Map()) {
  for (const { path, shape } of node.parameters || []) found.set(path, shape);
  for (const child of node.children || []) inside(child, found);
  return found;
}

function countOf(node) {
  const shapes = [...inside(node).values()];
  const size = shapes.reduce((all, shape) => all + sizeOf(shape), 0);
  return spoken(words.count, { count: shownSize(size) });
}

function tableOf(parameters) {
  const head = [words.path, words.shape, words.size].map((text) =>
    element("th", { scope: "col" }, text));
  const rows = parameters.map(({ path, shape }) => element("tr", {},
    element("td", {}, element("code", {}, path)),
    element("td", {}, element("code", {}, shownShape(shape))),
    element("td", {}, shownSize(sizeOf(shape)))));
  return element("table", { class: "bk-tree-parameters" },
    element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function blockOf(node, id, isOpen) {
  const parameters = node.parameters || [];
  const children = node.children || [];
  const said = [
    element("span", { class: "bk-tree-name" }, node.name), " ",
    element("span", { class: "bk-tree-kind" }, node.kind), " ",
    element("span", { class: "bk-tree-count" }, countOf(node)),
  ];
  if (parameters.length + children.length === 0) {
    return element("li", { class: "bk-tree-block" }, element("div", { class: "bk-tree-leaf" }, ...said));
  }
  const button = element("button", { type: "button", class: "bk-tree-open", "aria-expanded": isOpen, "aria-controls": id }, ...said);
  const body = element("div", { class: "bk-tree-body", id });
  if (parameters.length) body.append(tableOf(parameters));
  if (children.length) body.append(listOf(children, id));
  body.hidden = !isOpen;
  button.addEventListener("click", () => {
    body.hidden = !body.hidden;
    button.setAttribute("aria-expanded", !body.hidden);
  });
  return element("li", { class: "bk-tree-block" }, button, body);
}

const listOf = (nodes, id, isOpen = false) =>
  element("ul", { class: "bk-tree", role: "list" },
    ...nodes.map((node, at) => blockOf(node, `${id}-${at}`, isOpen)));

replaceStill("tree", (root, id) => [listOf([root], id, true)]);
