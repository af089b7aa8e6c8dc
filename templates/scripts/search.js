// Search over the archive in the visitor's own browser: one small file for each month, fetched when somebody begins to type.
// A story is found where each word asked for begins one of its own (title, sources, topics).
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
        var words = [one[1], one[3].join(" "), one[4].join(" "), one[7], one[9]].join(" ");
        stories.push({ day: one[0], title: one[1], url: one[2], sources: one[3], language: one[5], inLanguage: one[6], evidence: one[7], page: one[8], notice: one[9], words: folded(words) });
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
  var link = document.createElement(story.url ? "a" : "span");
  if (story.url) { link.href = story.url; link.rel = "noopener noreferrer"; }
  head.append(link);
  var title = document.createElement("bdi");
  title.textContent = story.title;
  link.append(title);
  if (story.language) {
    title.lang = story.language;
    var language = document.createElement("span");
    language.className = "fpn-language";
    language.dir = "ltr";
    language.textContent = story.inLanguage;
    link.append(" ", language);
  }
  var meta = document.createElement("p");
  meta.className = "fpn-meta";
  var day = new Date(story.day + "T12:00:00Z").toLocaleDateString(words.language === "en" ? "en-GB" : words.language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  var names = story.sources.slice(0, 4 < story.sources.length ? 3 : 4).join(", ");
  if (story.sources.length > 4) { names += words.and + words.more.replace("{n}", story.sources.length - 3); }
  meta.textContent = [names, day, story.evidence].filter(Boolean).join(" \u00b7 ");
  item.append(head, meta);
  if (story.page) { item.append(more(story)); }
  return item;
}

// The story's own page: beside its notice, or with its other reports.
function more(story) {
  var place = document.createElement("p");
  place.className = story.notice ? "fpn-notice" : "fpn-meta";
  var link = document.createElement("a");
  link.href = story.page;
  link.textContent = story.notice || words.all_reports;
  place.append(link);
  return place;
}

function show() {
  var asked = folded(input.value).trim().split(" ").filter(Boolean).map(function (word) { return " " + word; });
  var chosen = asked.length === 0 ? [] : stories.filter(function (story) {
    return asked.every(function (word) { return story.words.indexOf(word) !== -1; });
  });
  chosen.sort(function (a, b) { return a.day < b.day ? 1 : a.day > b.day ? -1 : 0; });
  results.replaceChildren.apply(results, chosen.slice(0, most).map(row));
  results.hidden = chosen.length === 0;
  var plural = new Intl.PluralRules(words.language).select(chosen.length);
  var said = chosen.length === 0 ? words.nothing : (words.stories[plural] || words.stories.other).replace("{n}", chosen.length);
  if (chosen.length > most) { said += words.newest.replace("{n}", most); }
  if (loading !== true) { said += words.so_far; }
  if (missing) { said = missing === months.length ? words.missing_all : said + words.missing_some; }
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
