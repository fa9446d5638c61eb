// Two drawings that move together, and a way through the changes: <map-compare> holds two .map__canvas and rows with
// data-before and data-after. N and P, or the buttons, go to the next and previous change. Without this script both
// canvases scroll on their own and the table is read from top to bottom.
const typing = el => el.matches?.("input, textarea, select, [contenteditable], [contenteditable] *");
const singleKeys = () => {
  if (document.documentElement.dataset.singleKeys === "off") return false;
  try { return localStorage.getItem("single-keys") !== "off"; } catch { return true; }
};

class MapCompare extends HTMLElement {
  connectedCallback() {
    this.panes = [...this.querySelectorAll(".map__canvas")];
    this.rows = [...this.querySelectorAll("tr[id]")];
    this.at = -1;
    for (const pane of this.panes) pane.addEventListener("scroll", () => this.follow(pane), { passive: true });
    const steps = this.querySelector("[data-steps]");
    if (!this.rows.length) return;
    steps.hidden = false;
    const first = this.panes.map(pane => pane.querySelector(".mark")).map((mark, side) => [this.panes[side], mark]).findLast(([, mark]) => mark);
    if (first) this.show(...first);
    steps.addEventListener("click", e => {
      const button = e.target.closest("[data-step-to]");
      if (button) this.go(button.dataset.stepTo === "next" ? 1 : -1);
    });
    this.onKey = e => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || !singleKeys() || !["n", "p"].includes(e.key)) return;
      e.preventDefault();
      this.go(e.key === "n" ? 1 : -1);
    };
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  show(pane, mark) {
    const spot = mark.getBoundingClientRect(), frame = pane.getBoundingClientRect();
    pane.scrollBy(spot.left + spot.width / 2 - frame.left - frame.width / 2, spot.top + spot.height / 2 - frame.top - frame.height / 2);
    for (const other of this.panes) if (other !== pane) other.scrollTo(pane.scrollLeft, pane.scrollTop);
  }

  follow(pane) {
    if (this.led && this.led !== pane) return;
    this.led = pane;
    for (const other of this.panes) if (other !== pane) other.scrollTo(pane.scrollLeft, pane.scrollTop);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.led = null; }, 80);
  }

  go(by) {
    this.at = Math.min(this.rows.length - 1, Math.max(0, this.at + by));
    const row = this.rows[this.at];
    this.querySelector("[data-at]").textContent = this.dataset.status.replace("{n}", this.at + 1).replace("{all}", this.rows.length);
    for (const mark of this.querySelectorAll(".mark.now")) mark.classList.remove("now");
    const marks = this.panes.map((pane, side) => {
      const key = side ? row.dataset.after : row.dataset.before;
      return key && pane.querySelector(`.mark[data-of="${CSS.escape(key)}"]`);
    });
    for (const mark of marks) mark?.classList.add("now");
    // The pane that has the change leads, the newer before the older; the other one follows it.
    const side = marks[1] ? 1 : 0;
    if (marks[side]) this.show(this.panes[side], marks[side]);
    row.focus({ preventScroll: true });
    this.querySelector(".map-compare__panes")?.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("map-compare", MapCompare);
