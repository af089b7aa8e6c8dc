// Search over the archive in the visitor's own browser: one small file for each month, fetched when somebody begins to type.
// A story is found where each word asked for begins one of its own (title, sources, topics).
(function () {
  "use strict";
  var place = document.querySelector(".fpn-search");
  if (!place || !window.fetch || !String.prototype.normalize) { return; }
  var form = place.querySelector("form");
  var input = place.querySelector("input");
  var found = place.querySelector(".fpn-found");
  var results = place.querySelector(".fpn-results");
  var months = place.getAttribute("data-months").split(" ");
  var most = 50;
  var stories = [];
  var loading = null;
  var missing = 0;

  function folded(text) {
    return " " + text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/['\u2018\u2019\u02bc]/g, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  function load() {
    if (loading) { return loading; }
    var left = months.slice();
    function next() {
      var month = left.shift();
      if (!month) { return null; }
      return fetch(month + ".json").then(function (answer) {
        if (!answer.ok) { throw new Error(month); }
        return answer.json();
      }).then(function (read) {
        read.stories.forEach(function (one) {
          stories.push({ day: one[0], title: one[1], url: one[2], sources: one[3], language: one[5], words: folded([one[1], one[3].join(" "), one[4].join(" ")].join(" ")) });
        });
      }).catch(function () { missing += 1; }).then(function () { show(); return next(); });
    }
    loading = Promise.all([next(), next(), next(), next()]).then(function () { loading = true; show(); });
    return loading;
  }

  function row(story) {
    var item = document.createElement("li");
    var head = document.createElement("p");
    head.className = "fpn-headline";
    head.dir = "auto";
    if (story.language) { head.lang = story.language; }
    var link = document.createElement(story.url ? "a" : "span");
    if (story.url) { link.href = story.url; link.rel = "noopener noreferrer"; }
    link.textContent = story.title;
    head.append(link);
    var meta = document.createElement("p");
    meta.className = "fpn-meta";
    var day = new Date(story.day + "T12:00:00Z").toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    meta.textContent = story.sources.join(", ") + " \u00b7 " + day;
    item.append(head, meta);
    return item;
  }

  function show() {
    var asked = folded(input.value).trim().split(" ").filter(Boolean).map(function (word) { return " " + word; });
    var chosen = asked.length === 0 ? [] : stories.filter(function (story) {
      return asked.every(function (word) { return story.words.indexOf(word) !== -1; });
    });
    chosen.sort(function (a, b) { return a.day < b.day ? 1 : a.day > b.day ? -1 : 0; });
    results.replaceChildren.apply(results, chosen.slice(0, most).map(row));
    results.hidden = chosen.length === 0;
    var said = chosen.length === 0 ? "Nothing found" : chosen.length === 1 ? "1 story" : chosen.length + " stories";
    if (chosen.length > most) { said += ", the newest " + most + " shown"; }
    if (loading !== true) { said += " so far\u2026"; }
    if (missing) { said = missing === months.length ? "The search cannot be reached at the moment; the lists below hold everything" : said + "; a part of the archive could not be read"; }
    found.textContent = asked.length === 0 ? "" : said + (said.slice(-1) === "\u2026" ? "" : ".");
  }

  var waiting;
  input.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () { load(); show(); }, 150);
  });
  input.addEventListener("focus", load);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
})();
