// Reading a map: <map-viewer> holds .map with .map__canvas. Drag to pan, Ctrl + wheel to zoom at the pointer, full screen,
// and an element's facts without a new page. Without this script the canvas scrolls and every element is a plain link.
class MapViewer extends HTMLElement {
  connectedCallback() {
    this.map = this.querySelector(".map");
    this.canvas = this.querySelector(".map__canvas");
    const full = this.querySelector("[data-full-screen]");
    if (full && document.fullscreenEnabled) {
      full.hidden = false;
      full.addEventListener("click", () => document.fullscreenElement ? document.exitFullscreen() : this.map.requestFullscreen());
    }
    this.canvas.addEventListener("pointerdown", e => this.grab(e));
    this.canvas.addEventListener("wheel", e => this.zoom(e), { passive: false });
    this.addEventListener("click", e => this.choose(e));
    this.onPop = () => this.show(location.href, false);
    addEventListener("popstate", this.onPop);
  }

  disconnectedCallback() {
    removeEventListener("popstate", this.onPop);
  }

  grab(e) {
    if (e.button !== 0 || e.pointerType === "touch" || e.target.closest("a")) return;
    const { canvas } = this;
    const from = { x: e.clientX + canvas.scrollLeft, y: e.clientY + canvas.scrollTop };
    const move = to => canvas.scrollTo(from.x - to.clientX, from.y - to.clientY);
    canvas.setPointerCapture(e.pointerId);
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", () => canvas.removeEventListener("pointermove", move), { once: true });
  }

  zoom(e) {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    const svg = this.canvas.querySelector("svg");
    const before = svg.getBoundingClientRect();
    const share = { x: (e.clientX - before.left) / before.width, y: (e.clientY - before.top) / before.height };
    const natural = svg.viewBox.baseVal.width;
    const width = Math.min(natural * 4, Math.max(natural / 8, before.width * (e.deltaY < 0 ? 1.2 : 1 / 1.2)));
    for (const radio of this.querySelectorAll("[name=zoom]")) radio.checked = false;
    svg.style.inlineSize = `${width}px`;
    svg.style.maxInlineSize = "none";
    const after = svg.getBoundingClientRect();
    this.canvas.scrollBy(after.left + share.x * after.width - e.clientX, after.top + share.y * after.height - e.clientY);
    this.addEventListener("change", () => svg.removeAttribute("style"), { once: true });
  }

  choose(e) {
    const link = e.target.closest("a");
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const href = link.getAttribute("href") || link.getAttributeNS("http://www.w3.org/1999/xlink", "href");
    if (!href?.includes("element=")) return;
    e.preventDefault();
    this.show(new URL(href, location.href).href, true);
  }

  async show(address, isNew) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) { location.href = address; return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("map-viewer");
    if (!fresh) { location.href = address; return; }
    if (isNew) history.pushState(null, "", address);
    const side = this.querySelector(".map__side");
    side.replaceWith(document.adoptNode(fresh.querySelector(".map__side")));
    this.querySelector(".marks")?.remove();
    const marks = fresh.querySelector(".marks");
    const chosen = new URL(address).searchParams.get("element");
    if (marks) this.canvas.querySelector("svg").append(document.importNode(marks, true));
    const outline = document.querySelector("#outline");
    for (const step of outline?.querySelectorAll("[aria-current]") ?? []) step.removeAttribute("aria-current");
    for (const link of outline?.querySelectorAll("a") ?? []) {
      if (new URL(link.href).searchParams.get("element") === chosen) link.closest("li").setAttribute("aria-current", "step");
    }
    this.querySelector(".map__side").focus({ preventScroll: matchMedia("(min-width: 60rem)").matches });
  }
}

customElements.define("map-viewer", MapViewer);
