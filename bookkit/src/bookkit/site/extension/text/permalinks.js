/* ¶ and the numbers of cells copy the address of their place, with the framework in it. */
const PLACE = "article :is(.headerlink, .bk-cell-number)";
const addressOf = ({ href }) => (known.length > 1 ? naming(href, choice()).href : href);

async function copyAddress(link) {
  const address = addressOf(link);
  try {
    await navigator.clipboard.writeText(address);
    say(link, copyWords.address);
  } catch {
    /* It cannot be had: the reader copies from the address bar. */
    note("replaceState", choice(), address);
    say(link, copyWords.address_shown);
  }
}

for (const link of document.querySelectorAll(PLACE)) {
  const named = link.matches(".bk-cell-number") ? [link.title] : [];
  link.title = [...named, copyWords.place].join(copyWords.colon);
}
document.addEventListener("click", (event) => {
  const link = linkOf(event);
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link && isPlain && link.matches(PLACE)) copyAddress(link);
});
