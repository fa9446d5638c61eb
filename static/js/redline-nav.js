// Steps through the changes of a redline: <redline-nav>…<section id="change-3" tabindex="-1">…</redline-nav>
// N and P go to the next and previous change; the buttons do the same. Without this script the list of links does.
const typing = (element) => element.matches?.("input, textarea, select, [contenteditable], [contenteditable] *");
const singleKeys = () => {
  if (document.documentElement.dataset.singleKeys === "off") return false;
  try { return localStorage.getItem("single-keys") !== "off"; } catch { return true; }
};

class RedlineNav extends HTMLElement {
  connectedCallback() {
    this.changes = [...this.querySelectorAll("section[id]")];
    this.at = -1;
    const steps = this.querySelector("[data-steps]");
    if (!steps || this.changes.length < 1) return;
    steps.hidden = false;
    steps.addEventListener("click", (event) => {
      const button = event.target.closest("[data-step-to]");
      if (button) this.go(button.dataset.stepTo === "next" ? 1 : -1);
    });
    this.onKey = (event) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
      if (!isPlain || !singleKeys() || !["n", "p"].includes(event.key)) return;
      event.preventDefault();
      this.go(event.key === "n" ? 1 : -1);
    };
    document.addEventListener("keydown", this.onKey);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
  }

  go(by) {
    this.at = Math.min(this.changes.length - 1, Math.max(0, this.at + by));
    const change = this.changes[this.at];
    change.scrollIntoView({ block: "center" });
    change.focus({ preventScroll: true });
    this.querySelector("[data-at]").textContent = this.dataset.status
      .replace("{n}", this.at + 1)
      .replace("{all}", this.changes.length);
  }
}

customElements.define("redline-nav", RedlineNav);
