/* Previews come with the first link of the text that a reader comes to. */
const LEADING = "article :is(a.reference, a.bk-saved, a.footnote-reference)[href]";
const NOT_LEADING = "nav, .bk-card, .toctree-wrapper, .bk-launch, .bk-preview";
const previewFiles = BOOKKIT_PREVIEWS;

function leadingLink({ target, pointerType }) {
  if (pointerType && pointerType !== "mouse") return null;
  const link = target instanceof Element ? target.closest(LEADING) : null;
  return link && !link.closest(NOT_LEADING) ? link : null;
}

function bringPreviews(event) {
  if (!leadingLink(event)) return;
  for (const kind of ["pointerover", "focusin"]) document.removeEventListener(kind, bringPreviews);
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL(previewFiles.sheet, site).href;
  const script = document.createElement("script");
  script.src = new URL(previewFiles.script, site).href;
  script.onload = () => bookkitPreviews({ site, choice, isHere, readingLine, leadingLink }, event);
  document.head.append(sheet, script);
}

for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, bringPreviews);
