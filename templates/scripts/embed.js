// The news section inside another page, as <facial-paralysis-news>, in a shadow tree of its own (docs/homepage.md). What stands
// inside the element is shown until the news is there, and stays where it cannot be fetched.
var base = new URL(".", document.currentScript.src);

function text(name) {
  return fetch(new URL(name, base), { credentials: "omit", cache: "no-cache" }).then(function (answer) {
    if (!answer.ok) { throw new Error(name + ": " + answer.status); }
    return answer.text();
  });
}

customElements.define("facial-paralysis-news", class extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot || this.isAsked) { return; }
    this.isAsked = true;
    var element = this;
    Promise.all([text("section.html"), text("static/news.css")]).then(function (found) {
      var news = new DOMParser().parseFromString(found[0], "text/html").querySelector(".fpn");
      if (!news) { return; }
      var looks = new CSSStyleSheet();
      looks.replaceSync(found[1]);
      var frame = document.createElement("div");
      frame.className = element.getAttribute("scheme") === "auto" ? "fpn-auto" : "";
      frame.append(news);
      var root = element.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [looks];
      root.append(frame);
      freshen(root);
    }).catch(function (error) {
      console.warn("facial-paralysis-news: " + error.message);
    });
  }
});
