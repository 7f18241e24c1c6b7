/* The form for an error says where the reader was: heading, address, framework, versions.
 * The page wrote that it is not known; this takes the place of these words. */
const reportWords = BOOKKIT_REPORT;

/* The heading that what is read now stands under. */
function headingNow() {
  const line = Math.max(readingLine(), 0) + innerHeight / 4;
  const headings = [...document.querySelectorAll("article :is(h1, h2, h3, h4)")];
  return headings.findLast((one) => one.getClientRects().length && one.getBoundingClientRect().top < line);
}

function placeNow() {
  const heading = headingNow();
  const link = heading && heading.querySelector(".headerlink");
  const words = heading ? heading.textContent.replace(/¶$/, "") : document.title;
  const run = document.querySelector(`.bk-verified [data-tab="${choice().tab}"]`);
  const versions = run ? run.textContent.trim() : choice().tab || "";
  const address = decodeURI(addressOf(link || location));
  return reportWords.at.replace("{heading}", words).replace("{address}", address).replace("{versions}", versions);
}

for (const link of document.querySelectorAll(".bk-report")) {
  const unknown = encodeURIComponent(reportWords.place);
  const [before, after] = link.href.split(unknown);
  const tell = () => {
    if (after !== undefined) link.href = before + encodeURIComponent(placeNow()) + after;
  };
  for (const kind of ["click", "auxclick", "contextmenu"]) link.addEventListener(kind, tell);
}
