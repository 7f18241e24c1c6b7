/* What a link of the text leads to, beside it: for a mouse that rests on it, and for the
 * keyboard. It stays while the pointer is on either; Escape closes it. */
globalThis.bookkitPreviews = ({ site, choice, isHere, readingLine, leadingLink }, first) => {
  const WAIT_MS = 350;
  const LEAVE_MS = 250;
  /* By page: what its own script says of it. */
  const told = new Map();
  const asked = new Map();
  globalThis.bookkitPreview = (page, said) => told.set(page, said);

  const preview = document.createElement("div");
  preview.id = preview.className = "bk-preview";
  preview.setAttribute("role", "tooltip");
  preview.hidden = true;
  let previewed = null;
  let timer = 0;

  function saidOf(page) {
    const bring = (done) => {
      const script = document.createElement("script");
      script.src = new URL(`_previews/${page}.js`, site).href;
      script.onload = script.onerror = () => done(told.get(page) || {});
      document.head.append(script);
    };
    if (!asked.has(page)) asked.set(page, new Promise(bring));
    return asked.get(page);
  }

  /* Of a link that goes over two lines, the part where the pointer is. */
  function placeBeside(link, at) {
    const parts = [...link.getClientRects()];
    const part = parts.find(({ top, bottom }) => top <= at && at <= bottom) || parts[0];
    const around = preview.offsetParent.getBoundingClientRect();
    const { width, height } = preview.getBoundingClientRect();
    const room = document.documentElement.clientWidth - width - 16;
    const left = Math.max(0, Math.min(part.left, room));
    const isAbove = part.bottom + height > innerHeight && part.top - height > readingLine();
    preview.style.left = `${left - around.left}px`;
    preview.style.top = `${(isAbove ? part.top - height : part.bottom) - around.top}px`;
  }

  function isInSight(target) {
    const { top, bottom } = target.getBoundingClientRect();
    return target.getClientRects().length > 0 && top > readingLine() && bottom < innerHeight;
  }

  async function show(link, at) {
    const url = new URL(link.href, location.href);
    if (!url.href.startsWith(site.href)) return;
    const name = decodeURIComponent(url.hash.slice(1));
    const target = isHere(url) && document.getElementById(name);
    if (target && isInSight(target)) return;
    const path = decodeURIComponent(url.pathname.slice(site.pathname.length));
    previewed = link;
    const said = (await saidOf(path.replace(/\.html$/, "") || "index"))[name];
    const one = typeof said === "object" ? said[choice().tab] || Object.values(said)[0] : said;
    if (previewed !== link || !one) return;
    const held = document.createElement("template"); // where no picture is loaded yet
    held.innerHTML = one;
    for (const image of held.content.querySelectorAll("img")) {
      image.src = new URL(image.getAttribute("src"), site).href;
    }
    preview.replaceChildren(held.content);
    document.querySelector("article").append(preview);
    preview.hidden = false;
    placeBeside(link, at);
    link.setAttribute("aria-describedby", preview.id);
  }

  function hide() {
    clearTimeout(timer);
    if (previewed) previewed.removeAttribute("aria-describedby");
    previewed = null;
    preview.hidden = true;
  }

  function soon(act, wait) {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  }

  function pointed(event) {
    const link = leadingLink(event);
    const stays = preview.contains(event.target) || (link && link === previewed);
    if (stays) clearTimeout(timer);
    else if (link) {
      soon(() => {
        hide();
        show(link, event.clientY);
      }, WAIT_MS);
    } else soon(hide, LEAVE_MS);
  }

  function focused(event) {
    const link = leadingLink(event);
    hide();
    if (link && link.matches(":focus-visible")) soon(() => show(link), WAIT_MS);
  }

  document.addEventListener("pointerover", pointed);
  document.documentElement.addEventListener("pointerleave", () => soon(hide, LEAVE_MS));
  document.addEventListener("focusin", focused);
  document.addEventListener("focusout", hide);
  document.addEventListener("click", hide);
  document.addEventListener("bookkit:tab", hide);
  const close = (event) => {
    if (event.key !== "Escape" || preview.hidden) return;
    event.stopImmediatePropagation();
    hide();
  };
  addEventListener("keydown", close, true);
  if (first.type === "focusin") focused(first);
  else if (first.target.matches(":hover")) pointed(first);
};
