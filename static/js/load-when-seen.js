// A panel that asks for its content when it comes into view: <load-when-seen src="…">…</load-when-seen>.
// Without script it holds a link to the same content. What comes into view together is asked for in one request.
const script = { headers: { "HX-Request": "true" } };
let seen = [];

const askAll = async () => {
  const panels = seen;
  seen = [];
  panels.forEach(panel => panel.setAttribute("aria-busy", "true"));
  try {
    const fragments = panels.length > 1 ? await several(panels) : [await one(panels[0])];
    panels.forEach((panel, i) => panel.show(fragments[i]));
  } finally { panels.forEach(panel => panel.removeAttribute("aria-busy")) }
};

const one = async panel => {
  const answer = await fetch(panel.getAttribute("src"), script);
  return answer.ok && !answer.redirected ? answer.text() : null;
};

const several = async panels => {
  const asked = new URLSearchParams(panels.map(panel => ["ask", panel.getAttribute("src")]));
  const answer = await fetch(`/together/?${asked}`, script);
  return answer.ok && !answer.redirected ? (await answer.json()).fragments : [];
};

class LoadWhenSeen extends HTMLElement {
  connectedCallback() {
    this.watch = new IntersectionObserver(met => { if (met.some(one => one.isIntersecting)) this.load() }, { rootMargin: "200px" });
    this.watch.observe(this);
  }

  disconnectedCallback() { this.watch?.disconnect() }

  load() {
    this.watch.disconnect();
    if (seen.push(this) === 1) setTimeout(askAll);  // the others of this moment come before it
  }

  show(html) {
    if (html == null) return;  // the link stays
    this.innerHTML = html;
    globalThis.htmx?.process(this);
  }
}
if (!customElements.get("load-when-seen")) customElements.define("load-when-seen", LoadWhenSeen);
