// Loads the page again when there is another site, says that one is being made, and
// shows what is wrong with the book, this page's part of it first.
// Added by `bookkit serve` to the pages it sends; it talks to no other host.
(() => {
  "use strict";
  const WORDS = {
    en: {
      waiting: "The site is being built",
      waitingText: "It appears here by itself.",
      missing: "No such page",
      missingText: "The book has no page at this address. If it comes back, it appears here by itself.",
      missingLink: "To the first page",
      building: "Building…",
      running: (names, done, of) => `running ${names} (${done}/${of})`,
      making: "making pages",
      failed: "The build failed.",
      kept: "Pages that it could not make are from the last good one.",
      none: "There is no site yet.",
      lacking: "What the draft lacks stops no preview, but make and make check.",
      errors: (count) => `Errors: ${count}`,
      warnings: (count) => `Warnings: ${count}`,
      here: "This page",
      elsewhere: "Other places",
      copy: "Copy this place",
      copied: "copied",
      open: "open its page",
      dismiss: "Dismiss",
      list: "What the build said",
    },
    zh: {
      waiting: "正在生成网站",
      waitingText: "生成后会自动显示在这里。",
      missing: "没有这一页",
      missingText: "书里没有这个地址的页面。它一出现，就会自动显示在这里。",
      missingLink: "回到首页",
      building: "正在生成…",
      running: (names, done, of) => `正在运行 ${names}（${done}/${of}）`,
      making: "正在生成页面",
      failed: "生成失败。",
      kept: "没能生成的页面，仍是上一次成功的样子。",
      none: "还没有网站。",
      lacking: "草稿还缺的内容不妨碍预览，但 make 和 make check 不会通过。",
      errors: (count) => `错误 ${count} 处`,
      warnings: (count) => `警告 ${count} 处`,
      here: "本页",
      elsewhere: "其他地方",
      copy: "复制这个位置",
      copied: "已复制",
      open: "打开这一页",
      dismiss: "关闭",
      list: "构建的信息",
    },
  };
  const script = document.currentScript;
  const address = new URL("live", script.src);
  address.protocol = address.protocol.replace("http", "ws");
  const root = new URL("../", script.src);
  const LONGEST_PAUSE_MS = 3000;
  let pause = 250;
  let words = WORDS.en;
  let panel = null;
  let shown = "";

  function connect() {
    const socket = new WebSocket(address);
    socket.onopen = () => { pause = 250; };
    socket.onmessage = (event) => take(JSON.parse(event.data));
    socket.onclose = () => {
      tellDoing(null);
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    };
  }

  function take(state) {
    if (state.version !== script.dataset.version) {
      location.reload();
      return;
    }
    const language = state.language.startsWith("zh") ? "zh" : "en";
    words = WORDS[language];
    sign.lang = language;
    translate(language);
    tellDoing(state.doing);
    const told = JSON.stringify([state.told, words === WORDS.zh]);
    if (told === shown) return;
    shown = told;
    tell(state);
  }

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children.filter((child) => child));
    return made;
  }

  // The corner: that a build is under way, and the way back to a panel that was closed.
  const busy = element("span", {});
  const detail = element("span", {});
  detail.setAttribute("aria-hidden", "true");
  const status = element("p", {}, busy, " ", detail);
  status.setAttribute("role", "status");
  const reopen = element("button", { type: "button", hidden: true });
  const sign = element("aside", { id: "bookkit-live-sign" }, reopen, status);
  sign.setAttribute("aria-label", "bookkit");
  (document.querySelector("[data-bookkit]") || document.body).append(sign);

  function tellDoing(doing) {
    const text = doing ? words.building : "";
    if (busy.textContent !== text) busy.textContent = text;
    status.classList.toggle("bookkit-busy", Boolean(doing));
    detail.textContent = !doing || !doing.running ? ""
      : doing.running.length ? words.running(doing.running.join(", "), doing.done, doing.of)
        : words.making;
  }

  // The two pages that no book has are in English until the book's language is known.
  function translate(language) {
    const place = document.querySelector("[data-bookkit]");
    if (!place || language === document.documentElement.lang) return;
    const kind = place.dataset.bookkit;
    document.documentElement.lang = language;
    document.title = words[kind];
    place.querySelector("h1").textContent = words[kind];
    place.querySelector("p").textContent = words[`${kind}Text`];
    const link = place.querySelector("a");
    if (link) link.textContent = words.missingLink;
  }

  function tell(state) {
    const { error, notes, warnings } = state.told;
    const failed = Boolean(error || notes.length);
    close();
    reopen.hidden = !failed && !warnings.length;
    if (reopen.hidden) return;
    reopen.textContent = failed ? words.failed : words.warnings(warnings.length);
    reopen.className = failed ? "bookkit-failed" : "";
    reopen.onclick = () => {
      show(state, failed);
      panel.querySelector("button").focus();
    };
    if (failed) show(state, failed);
  }

  function show(state, failed) {
    const { error, notes, warnings } = state.told;
    const button = element("button", { type: "button" }, words.dismiss, " ", element("kbd", {}, "Esc"));
    button.onclick = dismiss;
    const said = failed
      ? [element("strong", {}, words.failed), ` ${state.version ? words.kept : words.none}`]
      : [element("strong", {}, words.warnings(warnings.length)), ` ${words.lacking}`];
    const list = element("div", { tabIndex: 0 });
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", words.list);
    if (error) list.append(element("pre", { lang: "en" }, error));
    list.append(...grouped(notes, words.errors));
    list.append(...grouped(warnings, failed ? words.warnings : null));
    panel = element("div", { id: "bookkit-live", lang: sign.lang },
      element("div", { className: "bookkit-head" }, element("p", {}, ...said), button), list);
    panel.setAttribute("role", "alert");
    panel.classList.toggle("bookkit-failed", failed);
    document.body.append(panel);
    sign.hidden = !document.querySelector("[data-bookkit]");
  }

  // This page's first; a heading only where it tells something.
  function grouped(notes, title) {
    const here = location.pathname.slice(root.pathname.length).replace(/(^|\/)$/, "$1index.html");
    const made = [];
    for (const isHere of [true, false]) {
      const some = notes.filter((note) => (decodeURI(here) === note.page) === isHere);
      if (!some.length) continue;
      const place = isHere ? words.here : words.elsewhere;
      made.push(element("h2", {}, title ? `${place} · ${title(some.length)}` : place));
      made.push(element("ul", {}, ...some.map((note) => item(note, isHere))));
    }
    return made;
  }

  function item(note, isHere) {
    const copy = element("button", { type: "button", title: words.copy, className: "bookkit-place" }, note.place);
    copy.onclick = async () => {
      await navigator.clipboard.writeText(note.place);
      copy.dataset.copied = words.copied;
      setTimeout(() => delete copy.dataset.copied, 1500);
    };
    const tab = note.tab && element("span", { className: "bookkit-tab" }, note.tab);
    const link = note.page && !isHere && element("a", { href: new URL(note.page, root) }, words.open);
    const said = element("span", { lang: "en" }, note.said);
    const more = note.more && element("pre", { lang: "en" }, note.more);
    return element("li", {}, element("p", {}, copy, tab, said, link), more);
  }

  function dismiss() {
    close();
    reopen.focus();
  }

  function close() {
    if (panel) panel.remove();
    panel = null;
    sign.hidden = false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel && !event.defaultPrevented) dismiss();
  });
  connect();
})();
