/* A visit to another framework: said at the foot of the window, with the way back. */
const visit = document.createElement("div");

function visitButton(text, wanted) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", () => choose(wanted()));
  return button;
}

function describeVisit() {
  const { tab, own } = choice();
  visit.remove();
  if (!own) return;
  const title = (name) => bar.querySelector(`.bk-framework[data-tab="${name}"]`).textContent.trim();
  const said = (sentence) => sentence.replace("{title}", title(tab)).replace("{own}", title(own));
  const sentence = document.createElement("p");
  sentence.textContent = said(visitWords.here);
  visit.replaceChildren(
    sentence,
    visitButton(said(visitWords.back), () => ({ ...remembered(), tab: own })),
    visitButton(said(visitWords.stay), () => ({ tab })),
  );
  document.querySelector("article").append(visit);
}

const visitWords = BOOKKIT_VISIT;

if (bar) {
  visit.className = "bk-visit";
  visit.setAttribute("role", "status");
  describeVisit();
  document.addEventListener("bookkit:tab", describeVisit);
}
