/* How a signal grows or fades with depth: which curves show is the reader's choice. */
const MARKS = [
  (x, y) => drawn("circle", { cx: x, cy: y, r: 3.5 }),
  (x, y) => drawn("rect", { x: x - 3, y: y - 3, width: 6, height: 6 }),
  (x, y) => drawn("path", { d: `M${x} ${y - 4}l4 7h-8z` }),
  (x, y) => drawn("path", { d: `M${x} ${y - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z` }),
  (x, y) => drawn("path", { d: `M${x} ${y + 4}l4 -7h-8z` }),
  (x, y) => drawn("circle", { cx: x, cy: y, r: 3, class: "bk-signal-ring" }),
];
const HEIGHT = 300;
const EDGE = { top: 12, right: 16, bottom: 40, left: 58 };
const MOST_MARKS = 12;
const MOST_TICKS = 6;

const isShown = (value) => typeof value === "number" && Number.isFinite(value) && value > 0;
const lineClass = (number) => `bk-line bk-line-${(number % MARKS.length) + 1}`;

/* About two significant digits, as one would say them. */
function rounded(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return words.unknown;
  if (value === 0) return "0";
  return value >= 0.01 && value < 1000 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}

function ticksOf(low, high) {
  const step = Math.ceil((high - low + 1) / MOST_TICKS);
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, at) => first + at * step);
}

function rangeOf(curves) {
  const logs = curves.flatMap(({ values }) => values.filter(isShown).map(Math.log10));
  const low = Math.floor(Math.min(...logs, 0));
  const high = Math.ceil(Math.max(...logs, 0));
  return low === high ? [low - 1, high + 1] : [low, high];
}

const power = (exponent) => drawn("tspan", {}, "10",
  drawn("tspan", { dy: "-0.5em", "font-size": "75%" }, String(exponent).replace("-", "−")));

function chart(svg, width, depths, curves, at) {
  const [low, high] = rangeOf(curves);
  const [first, last] = [Math.min(...depths), Math.max(...depths)];
  const right = width - EDGE.right;
  const bottom = HEIGHT - EDGE.bottom;
  const x = (depth) => EDGE.left + ((depth - first) / (last - first || 1)) * (right - EDGE.left);
  const y = (log) => bottom - ((log - low) / (high - low)) * (bottom - EDGE.top);
  const grid = drawn("g", { class: "bk-signal-grid" });
  const labels = drawn("g", { class: "bk-signal-label" });
  for (const log of ticksOf(low, high)) {
    grid.append(drawn("path", { d: `M${EDGE.left} ${y(log)}H${right}` }));
    labels.append(drawn("text", { x: EDGE.left - 8, y: y(log) + 4, "text-anchor": "end" }, power(log)));
  }
  const every = Math.ceil(depths.length / Math.max(3, Math.floor(width / 60)));
  depths.filter((_, place) => place % every === 0).forEach((depth) =>
    labels.append(drawn("text", { x: x(depth), y: bottom + 18, "text-anchor": "middle" }, String(depth))));
  labels.append(
    drawn("text", { x: (EDGE.left + right) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, words.depth),
    drawn("text", { transform: `translate(14 ${(EDGE.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, words.rms));
  const cursor = drawn("path", { class: "bk-signal-cursor", d: `M${x(depths[at])} ${EDGE.top}V${bottom}` });
  const marked = Math.ceil(depths.length / MOST_MARKS);
  const lines = curves.map(({ number, values }) => {
    const line = drawn("g", { class: lineClass(number) });
    let path = "";
    values.forEach((value, place) => {
      if (!isShown(value)) return;
      const point = [x(depths[place]), y(Math.log10(value))];
      path += `${place > 0 && isShown(values[place - 1]) ? "L" : "M"}${point.join(" ")}`;
      if (place % marked === 0) line.append(MARKS[number % MARKS.length](...point));
    });
    line.prepend(drawn("path", { d: path || "M0 0", class: "bk-signal-line" }));
    return line;
  });
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.replaceChildren(grid, cursor, ...lines, labels);
}

function choiceOf(type, group, legend, options, chosen) {
  const inputs = [];
  const labels = options.map(({ value, text, mark }) => {
    const input = element("input", { type, name: group, value });
    input.checked = chosen.includes(value);
    inputs.push(input);
    return element("label", {}, input, ...(mark ? [mark] : []), text);
  });
  const box = element("fieldset", {}, element("legend", {}, legend), ...labels);
  return { box, chosen: () => inputs.filter((input) => input.checked).map(({ value }) => value) };
}

const sampleOf = (number) => drawn("svg", { viewBox: "0 0 28 12", width: 28, height: 12, "aria-hidden": "true" },
  drawn("g", { class: lineClass(number) },
    drawn("path", { d: "M1 6H27", class: "bk-signal-line" }), MARKS[number % MARKS.length](14, 6)));

const unlike = (values) => [...new Set(values)];
const plain = (values) => values.map((value) => ({ value, text: value }));

function figure({ depths, curves, caption: own }, id, still) {
  const inits = unlike(curves.map(({ init }) => init));
  const activations = unlike(curves.map(({ activation }) => activation));
  const marked = inits.map((value, number) => ({ value, text: value, mark: sampleOf(number) }));
  const shown = choiceOf("checkbox", `${id}-init`, words.init, marked, inits);
  const activation = choiceOf("radio", `${id}-activation`, words.activation, plain(activations), activations.slice(0, 1));
  const ways = ["forward", "backward"].map((value) => ({ value, text: words[value] }));
  const way = choiceOf("radio", `${id}-way`, words.way, ways, ["forward"]);
  const caption = own || still.querySelector("figcaption")?.textContent;
  const svg = drawn("svg", { class: "bk-signal", height: HEIGHT, role: "img", "aria-label": caption || words.rms });
  const depth = element("input", { type: "range", min: 0, max: depths.length - 1, value: depths.length - 1 });
  const said = element("output", { class: "bk-signal-said" });
  const controls = element("form", { class: "bk-signal-choices" }, shown.box, activation.box, way.box);
  const slider = element("label", { class: "bk-signal-depth" }, words.depth, depth);

  function draw() {
    const width = Math.round(svg.parentElement ? svg.getBoundingClientRect().width : 0);
    const [name] = activation.chosen();
    const [direction] = way.chosen();
    const chosen = shown.chosen();
    const found = curves
      .filter((curve) => curve.activation === name && chosen.includes(curve.init))
      .map((curve) => ({ init: curve.init, number: inits.indexOf(curve.init), values: curve[direction] }));
    const at = Number(depth.value);
    depth.setAttribute("aria-valuetext", depths[at]);
    const parts = found.map(({ init, values }, place) => element("span", { class: "bk-signal-value" },
      `${init} ${rounded(values[at])}${place < found.length - 1 ? words.separator : ""}`));
    said.replaceChildren(spoken(words.at, { depth: depths[at] }), ...(parts.length ? parts : [words.none]));
    if (width) chart(svg, width, depths, found, at);
  }

  draw(); /* What it is given is complete, or it fails before anything is replaced. */
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", draw);
  depth.addEventListener("input", draw);
  new ResizeObserver(draw).observe(svg);
  const below = caption ? [element("p", { class: "bk-signal-caption" }, caption)] : [];
  return [controls, svg, slider, said, ...below];
}

replaceStill("signal", figure);
