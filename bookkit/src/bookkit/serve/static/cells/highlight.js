// Python in the colours of the book's code: the same classes, as far as they have one.
const KEYWORDS = new Set(
  "as assert async await break class continue def del elif else except finally for from global if import lambda nonlocal pass raise return try while with yield match case".split(
    " ",
  ),
);
const CONSTANTS = new Set(["True", "False", "None"]);
const WORD_OPERATORS = new Set(["and", "or", "not", "in", "is"]);
const BUILTINS = new Set(
  "abs all any bool bytes callable dict dir divmod enumerate filter float format frozenset getattr hasattr hash id input int isinstance issubclass iter len list map max min next object open pow print property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip".split(
    " ",
  ),
);
const quoted = (quote) => String.raw`${quote}(?:\\[^]|[^${quote}\\\n])*(?:${quote}|(?=\n)|$)`;
const thrice = (quote) => String.raw`${quote}{3}[^]*?(?:${quote}{3}|$)`;
const TOKEN = new RegExp(
  [
    String.raw`(?<c1>#[^\n]*)`,
    `(?<s1>\\b[rbfuRBFU]{1,2}(?=["']))?(?<s2>${thrice('"')}|${thrice("'")}|${quoted('"')}|${quoted("'")})`,
    String.raw`(?<mi>\b\d[\w.]*(?:(?<=[eE])[+-]\d+)?)`,
    String.raw`(?<nd>(?<=^|\n)[ \t]*@[\w.]+)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_]*)`,
  ].join("|"),
  "gu",
);

function kindOf(word, before, code, at) {
  if (code[at - 1] === ".") return "";
  if (before === "def") return "nf";
  if (before === "class") return "nc";
  if (word === "import" || word === "from") return "kn";
  if (KEYWORDS.has(word)) return "k";
  if (CONSTANTS.has(word)) return "kc";
  if (WORD_OPERATORS.has(word)) return "ow";
  return BUILTINS.has(word) ? "nb" : "";
}

// Return the text and the marked words of a piece of code.
export function coloured(code) {
  const made = document.createDocumentFragment();
  let end = 0;
  let before = "";
  for (const match of code.matchAll(TOKEN)) {
    const { c1, s2, mi, nd, word } = match.groups;
    let kind = "";
    if (word) kind = kindOf(word, before, code, match.index);
    else if (c1) kind = "c1";
    else if (s2) kind = "s1";
    else if (mi) kind = "mi";
    else if (nd) kind = "nd";
    before = word || "";
    if (!kind) continue;
    made.append(code.slice(end, match.index));
    const mark = document.createElement("span");
    mark.className = kind;
    mark.textContent = match[0];
    made.append(mark);
    end = match.index + match[0].length;
  }
  made.append(code.slice(end));
  return made;
}
