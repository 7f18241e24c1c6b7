/* A button on each code cell that copies its code, and says so. */
const copyWords = BOOKKIT_COPY;
const COPIED_MS = 2000;

const copyStatus = document.createElement("div");
copyStatus.className = "bk-copy-status visually-hidden";
copyStatus.setAttribute("role", "status");

function codeOf(block) {
  const code = block.querySelector("pre").cloneNode(true);
  /* In a recorded session: prompts, and what was answered. */
  for (const mark of code.querySelectorAll(".gp, .go")) mark.remove();
  return code.textContent.replace(/\n$/, "");
}

/* Where the clipboard cannot be had, e.g. over plain HTTP: the old way, and if that
 * fails too, the code stays selected for the reader's own keys. */
function copySelected(block) {
  const range = document.createRange();
  range.selectNodeContents(block.querySelector("pre"));
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  const text = codeOf(block);
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", put);
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", put);
  if (isDone) selection.removeAllRanges();
  return isDone;
}

async function copyCode(block) {
  try {
    await navigator.clipboard.writeText(codeOf(block));
    return true;
  } catch {
    return copySelected(block);
  }
}

async function copyAt(button) {
  const isDone = await copyCode(button.closest(".highlight"));
  say(button, isDone ? copyWords.done : copyWords.selected);
}

/* Beside what was pressed, and to who listens. */
function say(control, said) {
  control.dataset.said = said;
  copyStatus.textContent = said;
  clearTimeout(control.forget);
  control.forget = setTimeout(() => {
    delete control.dataset.said;
    copyStatus.textContent = "";
  }, COPIED_MS);
}

function addCopyButtons() {
  const blocks = document.querySelectorAll("article .highlight:not(.output)");
  for (const block of blocks) toolButton(block, "bk-copy", copyWords.code, copyAt);
}

document.body.append(copyStatus);
addCopyButtons();
