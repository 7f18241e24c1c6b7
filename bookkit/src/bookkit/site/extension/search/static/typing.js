/* A question that is being typed: when it has to be answered, and what it is then. */
const DELAY_MS = 120;
const MOST_LETTERS = 200;

const typedIn = (input) => input.value.trim().slice(0, MOST_LETTERS);

/* Call `answer` when the typing pauses; the function returned calls it off. */
function whenTyped(input, answer) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const wait = () => {
    stop();
    timer = setTimeout(answer, DELAY_MS);
  };
  input.addEventListener("input", (event) => {
    /* Han characters are composed of letters: wait for the characters. */
    if (event.isComposing) stop();
    else wait();
  });
  input.addEventListener("compositionend", wait);
  /* Of what went wrong, the last line says what. */
  input.addEventListener("paste", (event) => {
    const lines = event.clipboardData.getData("text").split("\n").filter((line) => line.trim());
    if (lines.length < 2) return;
    event.preventDefault();
    input.setRangeText(lines.pop().trim(), input.selectionStart, input.selectionEnd, "end");
    wait();
  });
  return stop;
}
