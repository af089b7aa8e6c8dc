// Keeps a page honest that nobody has refreshed: "Today" is left out once the day is over, the time since the last refresh
// stands beside it, and after 36 hours a sentence says how old the page is. Without this script the dates stand as they are.
function freshen(root) {
  "use strict";
  var updated = root.querySelector(".fpn-updated time");
  var section = root.querySelector(".fpn");
  if (!updated || !section) { return; }
  var numbers = { timeZone: section.getAttribute("data-zone"), year: "numeric", month: "2-digit", day: "2-digit" };
  var ago = document.createElement("span");
  ago.className = "fpn-ago";
  updated.closest(".fpn-updated").append(ago);
  var note;
  function tell() {
    if (section.getAttribute("data-day") !== new Intl.DateTimeFormat("en-CA", numbers).format(new Date())) {
      root.querySelectorAll(".fpn-day-name").forEach(function (name) { name.remove(); });
    }
    var hours = (Date.now() - Date.parse(updated.getAttribute("datetime"))) / 3600000;
    var days = Math.floor(hours / 24);
    var since = new Intl.RelativeTimeFormat(words.language, { numeric: "always" });
    ago.textContent = " (" + (1 > hours ? words.just_now : 2 > days ? since.format(-Math.floor(hours), "hour") : since.format(-days, "day")) + ")";
    if (hours > 36 && !note) {
      note = document.createElement("p");
      note.className = "fpn-note";
      updated.closest("header").append(note);
    }
    if (note) {
      var plural = new Intl.PluralRules(words.language).select(days);
      note.textContent = (words.old[plural] || words.old.other).replace("{n}", days);
    }
  }
  tell();
  setInterval(tell, 60000);
}
