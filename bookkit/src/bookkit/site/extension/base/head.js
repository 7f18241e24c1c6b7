(function (root, tabs) {
  function read(name) {
    var found = new URLSearchParams(location.search).get(name);
    try {
      if (tabs.indexOf(found) < 0) found = localStorage.getItem("bookkit-" + name);
    } catch (error) {}
    return tabs.indexOf(found) < 0 ? "" : found;
  }
  if (!tabs.length) return;
  root.dataset.tab = read("tab") || tabs[0];
  root.dataset.tabs = tabs.join(" ");
  var other = read("compare");
  if (other && other !== root.dataset.tab) root.dataset.compare = other;
})(document.documentElement, BOOKKIT_TABS);
