// A panel that asks for its content when it comes into view: <load-when-seen src="…">…</load-when-seen>.
// Without script it holds a link to the same content.
class LoadWhenSeen extends HTMLElement {
  connectedCallback() {
    this.watch = new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) this.load() }, { rootMargin: "200px" });
    this.watch.observe(this);
  }

  disconnectedCallback() { this.watch?.disconnect() }

  async load() {
    this.watch.disconnect();
    this.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.getAttribute("src"), { headers: { "HX-Request": "true" } });
      if (answer.ok && !answer.redirected) { this.innerHTML = await answer.text(); globalThis.htmx?.process(this) }
    } finally { this.removeAttribute("aria-busy") }
  }
}
if (!customElements.get("load-when-seen")) customElements.define("load-when-seen", LoadWhenSeen);
