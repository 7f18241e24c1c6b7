(function (root, tabs) {
  var chosen;
  function use(read) {
    try {
      if (tabs.indexOf(chosen) < 0) chosen = read();
    } catch (error) {}
  }
  use(function () { return new URLSearchParams(location.search).get("tab"); });
  use(function () { return localStorage.getItem("bookkit-tab"); });
  if (tabs.indexOf(chosen) < 0) chosen = tabs[0];
  root.dataset.tab = chosen;
  root.dataset.tabs = tabs.join(" ");
})(document.documentElement, BOOKKIT_TABS);
