// Results while typing. The address answers with a <ul> of links; the form itself stays the full search.
class SearchBox extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.form = this.querySelector("form");
    this.list = Object.assign(document.createElement("div"), { className: "suggest", id: `suggest-${Math.random().toString(36).slice(2, 8)}`, hidden: true });
    this.form.append(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-haspopup", "listbox"]]) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), 120) });
    this.input.addEventListener("keydown", e => this.key(e));
    this.input.addEventListener("blur", () => setTimeout(() => { if (!this.contains(document.activeElement)) this.shut() }, 150));
    this.list.addEventListener("mousedown", e => e.preventDefault());
    if (this.input.value !== this.input.defaultValue) this.ask();  // typed while this file was on its way
  }

  async ask() {
    const words = this.input.value.trim();
    this.asking?.abort();
    if (words.length < 2) return this.shut();
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.getAttribute("src")}?q=${encodeURIComponent(words)}`, { signal: this.asking.signal, headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return this.shut();
      this.list.innerHTML = await answer.text();
    } catch { return }
    this.options = [...this.list.querySelectorAll("a[href]")];
    const box = this.list.querySelector("ul");
    if (!box || !this.options.length) return this.shut();
    box.id = `${this.list.id}-list`;
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", this.input.getAttribute("aria-label") ?? "");
    box.querySelectorAll("li").forEach(li => li.setAttribute("role", "presentation"));
    this.options.forEach((link, i) => { link.id = `${this.list.id}-${i}`; link.tabIndex = -1; link.setAttribute("role", "option"); link.setAttribute("aria-selected", "false") });
    this.at = -1;
    this.list.hidden = false;
    this.input.setAttribute("aria-controls", box.id);
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(e) {
    if (e.isComposing || this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); this.choose((this.at + step + this.options.length + (this.at < 0 && step < 0 ? 1 : 0)) % this.options.length) }
    else if (e.key === "Escape") { e.preventDefault(); this.shut() }
    else if (e.key === "Enter" && this.at >= 0) { e.preventDefault(); this.options[this.at].click() }
  }

  choose(at) {
    this.options[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    this.options[at].setAttribute("aria-selected", "true");
    this.options[at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.options[at].id);
  }

  shut() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
if (!customElements.get("search-box")) customElements.define("search-box", SearchBox);
