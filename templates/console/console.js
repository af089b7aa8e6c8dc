// Keys, decisions without loading the page anew, previews while typing, and what others do meanwhile. All of it works without
// this script as well: every decision is a form, every way a link.
"use strict";
const main = document.getElementById("main");
const said = document.getElementById("said");
const keys = "keys" in document.body.dataset;
const rows = () => [...main.querySelectorAll("[data-row]")];
const current = () => document.activeElement?.closest("[data-row]");
const mainOf = (html) => new DOMParser().parseFromString(html, "text/html").getElementById("main");

function tell(sentence) {
  let place = document.getElementById("trouble");
  if (!place) {
    place = Object.assign(document.createElement("p"), { id: "trouble" });
    place.setAttribute("role", "alert");
    main.prepend(place);
  }
  place.textContent = sentence;
  place.scrollIntoView({ block: "nearest" });
}

function show(fresh, next, index, hadFocus) {
  const focused = current()?.id;
  main.replaceChildren(...fresh.childNodes);
  const left = rows();
  const wanted = hadFocus ? left.find((row) => row.id === next) || left[Math.min(index, left.length - 1)] : left.find((row) => row.id === focused);
  (wanted || main).focus();
  said.textContent = main.querySelector(".did p")?.textContent || "";
}

async function send(form, button) {
  const row = form.closest("[data-row]");
  const all = rows();
  const next = row ? (all[all.indexOf(row) + 1] || row).id : "";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)) });
    const fresh = mainOf(await answer.text());
    if (!answer.ok) return tell(fresh?.querySelector("[role=alert]")?.textContent || "That did not work. Load the page again.");
    if (!fresh || new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    show(fresh, next, Math.max(all.indexOf(row), 0), !row || row === current());
    history.replaceState(null, "", answer.url);
  } catch {
    tell("This was not sent: the console does not answer. Try again.");
  }
}

// One after the other: a second decision waits for the first one's page.
let turn = Promise.resolve();
document.addEventListener("submit", (event) => {
  if (!("act" in event.target.dataset)) return;
  event.preventDefault();
  const { target, submitter } = event;
  turn = turn.then(() => {
    const form = document.contains(target) ? target : [...main.querySelectorAll("form")].find((one) => one.action === target.action);
    return form && send(form, form === target ? submitter : null);
  });
});

function press(key) {
  const row = current();
  const target = row?.querySelector(`[data-key="${key}"]`) || (key === "u" && main.querySelector('.did [data-key="u"], .did + form [data-key="u"]'));
  if (target) target.click();
}

document.addEventListener("keydown", (event) => {
  if (!keys || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) return;
  const all = rows();
  const at = all.indexOf(current());
  if (event.key === "j" || event.key === "k") all[event.key === "j" ? at + 1 : Math.max(at - 1, 0)]?.focus();
  else if (event.key === "/") {
    const field = main.querySelector("[data-search]");
    if (field) field.focus();
    else location.href = "/find";
  } else if (event.key === "?") location.href = "/help#keys";
  else if ("ohasrmu".includes(event.key)) press(event.key);
  else if (event.key === "Enter" && event.target.matches("[data-row]")) press("Enter");
  else return;
  event.preventDefault();
});

// The newest entries at once, the whole history after that; what is typed meanwhile takes the place of both.
let wait;
let running;
async function ask(form, reach) {
  const body = new URLSearchParams(new FormData(form));
  body.set("reach", reach);
  body.set("token", form.dataset.token);
  const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: running.signal });
  const place = document.getElementById("preview");
  if (answer.ok) place.innerHTML = await answer.text();
  else place.textContent = "Load the page again: the console could not look at it.";
  return answer.ok && place.querySelector("[data-more]");
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-preview]");
  if (!form) return;
  clearTimeout(wait);
  running?.abort();
  running = new AbortController();
  // What was looked at before is not what a button would do now.
  document.getElementById("preview").replaceChildren();
  if (form.elements.phrase.value.trim().length < 2) return;
  wait = setTimeout(() => ask(form, "newest").then((more) => more && ask(form, "all")).catch(() => {}), 600);
});

setInterval(async () => {
  const place = document.getElementById("others");
  if (!place) return;
  try {
    const news = await (await fetch(`/changes?since=${place.dataset.since}`)).json();
    if (!news.others.length) return;
    place.textContent = `Meanwhile ${news.others.join("; ")}. Load the page again to see it.`;
    place.hidden = false;
  } catch {}
}, 15000);
