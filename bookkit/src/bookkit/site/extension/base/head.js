(function (root, tabs) {
  function asked(name) { return new URLSearchParams(location.search).get(name); }
  function read(name) {
    var ways = [
      function () { return asked(name); },
      function () { return localStorage.getItem("bookkit-" + name); },
    ];
    for (var at = 0; at < ways.length; at += 1) {
      try {
        var found = ways[at]();
        if (tabs.indexOf(found) >= 0) return found;
      } catch (error) {}
    }
    return "";
  }
  if (!tabs.length) return;
  root.dataset.tab = read("tab") || tabs[0];
  var visited = asked("visit");
  if (tabs.indexOf(visited) >= 0 && visited !== root.dataset.tab) {
    root.dataset.own = root.dataset.tab;
    root.dataset.tab = visited;
  }
  root.dataset.tabs = tabs.join(" ");
  var other = read("compare");
  if (other && other !== root.dataset.tab) root.dataset.compare = other;
})(document.documentElement, BOOKKIT_TABS);
