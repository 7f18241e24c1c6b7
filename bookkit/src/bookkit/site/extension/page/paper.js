/* What paper says once, below the title: the framework, and the contents, which have no
 * column of their own there. */
const onPaper = document.createElement("div");
onPaper.className = "bk-paper-contents";

addEventListener("beforeprint", () => {
  const label = document.querySelector(`.bk-panel[data-tab="${root.dataset.tab}"] > .bk-panel-label`);
  const list = document.querySelector(".toc-tree > ul > li > ul");
  const title = document.querySelector("article h1");
  if (!title) return;
  const parts = [label, list].filter(Boolean).map((part) => part.cloneNode(true));
  onPaper.replaceChildren(...parts);
  if (parts.length) title.after(onPaper);
});
addEventListener("afterprint", () => onPaper.remove());
