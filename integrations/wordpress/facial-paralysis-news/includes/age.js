// Each section of the page says how old it is, in its own language, as soon as it is there, before it is painted, so that nothing
// moves. `languages` has the words of each.
var seen = [];

function only(section) {
  return {
    querySelector: function (which) { return which === ".fpn" ? section : section.querySelector(which); },
    querySelectorAll: function (which) { return section.querySelectorAll(which); },
  };
}

function look() {
  document.querySelectorAll(".fpn").forEach(function (section) {
    if (seen.indexOf(section) < 0 && section.querySelector(".fpn-updated time")) {
      seen.push(section);
      words = languages[(section.lang || "en").slice(0, 2)] || languages.en;
      freshen(only(section));
    }
  });
}

look();
if (document.readyState === "loading") {
  var observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", function () { observer.disconnect(); look(); });
}
