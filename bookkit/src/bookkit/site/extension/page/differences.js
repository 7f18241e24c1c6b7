/* Marks the lines in which two frameworks differ, where they stand side by side. The
 * browser paints them: the page gets no elements, and copies stay as they are. */
const differing = globalThis.Highlight && CSS.highlights ? new Highlight() : null;

/* Which lines of one stand in the other, in the same order: the longest such row. */
function shared(one, other) {
  const length = one.map(() => new Uint16Array(other.length + 1));
  length.push(new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      length[i][j] = one[i] === other[j]
        ? length[i + 1][j + 1] + 1
        : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const found = [new Set(), new Set()];
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) {
      found[0].add(i);
      found[1].add(j);
      i += 1;
      j += 1;
    } else if (length[i + 1][j] >= length[i][j + 1]) i += 1;
    else j += 1;
  }
  return found;
}

/* A range for each line of a listing that is not empty and not in the other. */
function markLines(pre, lines, isShared) {
  const texts = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
  let text = texts.nextNode();
  let passed = 0;
  const placeOf = (offset) => {
    while (passed + text.length < offset) {
      passed += text.length;
      text = texts.nextNode();
    }
    return [text, offset - passed];
  };
  let start = 0;
  for (const [at, line] of lines.entries()) {
    const end = start + line.length;
    if (line.trim() && !isShared.has(at)) {
      const range = new Range();
      range.setStart(...placeOf(end - line.trimStart().length));
      range.setEnd(...placeOf(end));
      differing.add(range);
    }
    start = end + 1;
  }
}

function markDifferences() {
  differing.clear();
  const { tab, compare } = choice();
  if (!compare) return;
  const code = (group, name) => {
    const panel = group.querySelector(`:scope > .bk-panel[data-tab="${name}"]`);
    const block = panel && codeIn(panel);
    return block && block.querySelector("pre");
  };
  for (const group of document.querySelectorAll(".bk-tabs-code")) {
    const both = [code(group, tab), code(group, compare)];
    if (!both.every(Boolean)) continue;
    const lines = both.map((pre) => pre.textContent.replace(/\n$/, "").split("\n"));
    shared(...lines).forEach((isShared, at) => markLines(both[at], lines[at], isShared));
  }
}

if (differing) {
  CSS.highlights.set("bk-differs", differing);
  document.addEventListener("bookkit:tab", markDifferences);
  markDifferences();
}
