// Keeps a page honest that nobody has refreshed: "Today" is left out once the day is over, and after 36 hours a sentence says
// how old the page is. Without this script the dates stand as they are.
(function () {
  "use strict";
  var updated = document.querySelector(".fpn-updated time");
  var section = document.querySelector(".fpn");
  if (!updated || !section) { return; }
  var zone = section.getAttribute("data-zone");
  var today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());
  if (section.getAttribute("data-day") !== today) {
    document.querySelectorAll(".fpn-day-name").forEach(function (name) { name.remove(); });
  }
  var hours = (Date.now() - Date.parse(updated.getAttribute("datetime"))) / 3600000;
  if (hours > 36) {
    var days = Math.floor(hours / 24);
    var note = document.createElement("p");
    note.className = "fpn-note";
    note.textContent = "This page has not been updated for " + (days === 1 ? "a day" : days + " days") + ". There may be newer news than it shows.";
    updated.closest("header").append(note);
  }
})();
