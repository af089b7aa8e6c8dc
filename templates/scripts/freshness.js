// Keeps a page honest that nobody has refreshed: "Today" is left out once the day is over, the time since the last refresh
// stands beside it, and after 36 hours a sentence says how old the page is. Without this script the dates stand as they are.
function freshen(root) {
  "use strict";
  var updated = root.querySelector(".fpn-updated time");
  var section = root.querySelector(".fpn");
  if (!updated || !section) { return; }
  var numbers = { timeZone: section.getAttribute("data-zone"), year: "numeric", month: "2-digit", day: "2-digit" };
  var ago = document.createElement("span");
  updated.after(ago);
  var note;
  function tell() {
    if (section.getAttribute("data-day") !== new Intl.DateTimeFormat("en-CA", numbers).format(new Date())) {
      root.querySelectorAll(".fpn-day-name").forEach(function (name) { name.remove(); });
    }
    var hours = (Date.now() - Date.parse(updated.getAttribute("datetime"))) / 3600000;
    var days = Math.floor(hours / 24);
    var words = new Intl.RelativeTimeFormat("en", { numeric: "always" });
    ago.textContent = " (" + (1 > hours ? "less than an hour ago" : 2 > days ? words.format(-Math.floor(hours), "hour") : words.format(-days, "day")) + ")";
    if (hours > 36 && !note) {
      note = document.createElement("p");
      note.className = "fpn-note";
      updated.closest("header").append(note);
    }
    if (note) {
      note.textContent = "This page has not been updated for " + (days === 1 ? "a day" : days + " days") + ". There may be newer news than it shows.";
    }
  }
  tell();
  setInterval(tell, 60000);
}
