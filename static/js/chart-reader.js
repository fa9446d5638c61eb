// <chart-reader data-start="70" data-step="22.4" data-width="960" data-label="Read values"
//   data-points='[["Week 47", "89 min", "Beyond a limit"], …]'><svg>…</svg></chart-reader>
// The value under the pointer, or of the point that the arrow keys have come to. The picture reads without it: the
// table beside it holds the same values.
class ChartReader extends HTMLElement {
  connectedCallback() {
    this.points = JSON.parse(this.dataset.points);
    if (!this.points.length || this.cursor) return;
    this.cursor = document.createElement("div");
    Object.assign(this.cursor, { className: "chart__cursor", tabIndex: 0 });
    this.value = document.createElement("div");
    this.value.className = "chart__value";
    for (const [name, text] of Object.entries({ role: "slider", "aria-label": this.dataset.label, "aria-valuemin": 1, "aria-valuemax": this.points.length })) this.cursor.setAttribute(name, text);
    this.cursor.append(this.value);
    this.append(this.cursor);
    this.listening = new AbortController();
    const on = (name, does) => this.cursor.addEventListener(name, does, { signal: this.listening.signal });
    on("pointermove", e => this.show(this.placeOf(e.clientX)));
    on("pointerdown", e => this.show(this.placeOf(e.clientX)));
    on("pointerleave", () => this.cursor.matches(":focus-visible") || this.hide());
    on("focus", () => this.show(this.at ?? this.points.length - 1));
    on("blur", () => this.hide());
    on("keydown", e => this.key(e));
    this.announce(this.points.length - 1);
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.cursor?.remove();
    this.cursor = null;
  }

  get scale() { return this.cursor.clientWidth / Number(this.dataset.width) }

  placeOf(clientX) {
    const x = (clientX - this.cursor.getBoundingClientRect().left) / this.scale;
    return Math.round((x - Number(this.dataset.start)) / Number(this.dataset.step));
  }

  key(e) {
    const last = this.points.length - 1, at = this.at ?? last;
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last, PageUp: at + 12, PageDown: at - 12 }[e.key];
    if (e.key === "Escape") this.hide();
    if (to === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    this.show(to);
  }

  announce(at) {
    this.cursor.setAttribute("aria-valuenow", at + 1);
    this.cursor.setAttribute("aria-valuetext", this.points[at].filter(Boolean).join(", "));
  }

  show(to) {
    const at = this.at = Math.min(Math.max(to, 0), this.points.length - 1);
    const [label, text, signal] = this.points[at];
    const x = (Number(this.dataset.start) + at * Number(this.dataset.step)) * this.scale;
    const figure = document.createElement("b");
    figure.textContent = text;
    this.value.replaceChildren(figure, label);
    if (signal) this.value.append(document.createElement("br"), signal);
    this.cursor.style.setProperty("--at", `${x}px`);
    this.cursor.style.setProperty("--shift", x > this.cursor.clientWidth / 2 ? "calc(-100% - 8px)" : "8px");
    this.cursor.classList.add("chart__cursor--on");
    this.announce(at);
  }

  hide() { this.cursor.classList.remove("chart__cursor--on") }
}
customElements.define("chart-reader", ChartReader);
