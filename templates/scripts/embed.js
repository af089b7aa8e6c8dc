// The news section inside another page, as <facial-paralysis-news>, in a shadow tree of its own (docs/homepage.md). What stands
// inside the element is shown until the news is there, and stays where it cannot be fetched.
var base = new URL(".", document.currentScript.src);

function text(name) {
  return fetch(new URL(name, base), { credentials: "omit", cache: "no-cache" }).then(function (answer) {
    if (!answer.ok) { throw new Error(name + ": " + answer.status); }
    return answer.text();
  });
}

// Room for the news until it is there: what follows the element stays below the screen, so that nothing visible moves.
var waiting = ":host { display: block; min-height: 100vh }";
var missing = ":host { display: block }";
// Behind news.css: the section is as wide as its column unless the page says otherwise; lines of text stay short.
var column = ".fpn { max-width: var(--fpn-width, none) } .fpn-summary { max-width: 38em }";

function looks(rules) {
  var sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  return sheet;
}

function framed(html, scheme) {
  var news = new DOMParser().parseFromString(html, "text/html").querySelector(".fpn");
  if (!news) { throw new Error("section.html has no news"); }
  var frame = document.createElement("div");
  frame.className = scheme === "auto" ? "fpn-auto" : "";
  frame.append(news);
  freshen(frame);
  return frame;
}

customElements.define("facial-paralysis-news", class extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) { return; }
    var element = this;
    var root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [looks(waiting)];
    root.append(document.createElement("slot"));
    Promise.all([text("section.html"), text("static/news.css")]).then(function (found) {
      var frame = framed(found[0], element.getAttribute("scheme"));
      root.adoptedStyleSheets = [looks(waiting), looks(found[1]), looks(column)];
      root.replaceChildren(frame);
    }).catch(function (error) {
      root.adoptedStyleSheets = [looks(missing)];
      console.warn("facial-paralysis-news: " + error.message);
    });
  }
});
