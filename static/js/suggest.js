// Suggestions for a field that takes people: <input data-suggest="/people/suggest">, also a <textarea> with commas; or
// for one that takes a document. The address answers {"suggestions": ["Name <mail>", …]}. Without script the field takes
// what is typed.
import { say } from "./say.js";

let counter = 0;

class Suggest {
  constructor(field) {
    this.field = field;
    this.many = field.tagName === "TEXTAREA";
    this.list = Object.assign(document.createElement("ul"), { className: "suggested", id: `suggested-${++counter}` });
    this.list.setAttribute("role", "listbox");
    const label = field.labels?.[0]?.textContent.trim();
    if (label) this.list.setAttribute("aria-label", label);
    field.parentElement.classList.add("suggest-place");
    // A text area may not be a combobox: it stays a text box that points at its options.
    const says = { "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.list.id };
    if (!this.many) Object.assign(says, { role: "combobox", "aria-expanded": "false" });
    for (const [name, value] of Object.entries(says)) field.setAttribute(name, value);
    field.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), 150) });
    if (field === document.activeElement && field.value !== field.defaultValue) this.ask();  // typed before this file came
    field.addEventListener("keydown", e => this.key(e));
    field.addEventListener("blur", () => { clearTimeout(this.timer); this.shut() });
    // A press on the list must not take the focus from the field.
    this.list.addEventListener("mousedown", e => e.preventDefault());
    this.list.addEventListener("click", e => { const option = e.target.closest("[role=option]"); if (option) this.take(option) });
  }

  // The piece that holds the cursor: from the last comma before it to the next one behind.
  piece() {
    const text = this.field.value;
    if (!this.many) return { from: 0, to: text.length, words: text.trim() };
    const at = this.field.selectionStart ?? text.length;
    const from = Math.max(...[",", ";", "\n"].map(mark => text.lastIndexOf(mark, at - 1))) + 1;
    const behind = text.slice(at).search(/[,;\n]/);
    const to = behind < 0 ? text.length : at + behind;
    return { from, to, words: text.slice(from, to).trim() };
  }

  async ask() {
    const { words } = this.piece();
    this.asking?.abort();
    if (words.length < 2 || words.includes("<")) return this.shut();
    this.asking = new AbortController();
    let found;
    try {
      const answer = await fetch(`${this.field.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: this.asking.signal });
      if (!answer.ok || answer.redirected) return this.shut();
      ({ suggestions: found } = await answer.json());
    } catch { return }
    if (!found.length || document.activeElement !== this.field) return this.shut();
    this.list.replaceChildren(...found.map((words, i) => {
      const option = Object.assign(document.createElement("li"), { id: `${this.list.id}-${i}`, textContent: words });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    }));
    this.at = -1;
    this.field.after(this.list);
    if (!this.many) this.field.setAttribute("aria-expanded", "true");
    say(found.join(", "));
  }

  key(e) {
    if (!this.list.isConnected || e.isComposing) return;
    const options = [...this.list.children];
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : -1;
      this.point((this.at < 0 && step < 0 ? options.length - 1 : this.at + step + options.length) % options.length);
    } else if (e.key === "Enter" && this.at >= 0) {
      e.preventDefault();
      this.take(options[this.at]);
    } else if (e.key === "Escape") {
      e.preventDefault();
      e.stopPropagation();
      this.shut();
    }
  }

  point(at) {
    this.at = at;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
    this.list.children[at].scrollIntoView({ block: "nearest" });
  }

  take(option) {
    const { from, to } = this.piece(), text = this.field.value;
    const before = text.slice(0, from), rest = text.slice(to).replace(/^[,;\s]+/, "");
    const lead = before && !/\s$/.test(before) ? `${before} ` : before;
    this.field.value = this.many ? `${lead}${option.textContent}, ${rest}` : option.textContent;
    const cursor = this.many ? lead.length + option.textContent.length + 2 : this.field.value.length;
    this.field.setSelectionRange(cursor, cursor);
    this.shut();
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  shut() {
    this.asking?.abort();
    this.list.remove();
    this.at = -1;
    if (!this.many) this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

const known = new WeakSet();
export function start() {
  for (const field of document.querySelectorAll("[data-suggest]")) {
    if (!known.has(field)) { known.add(field); new Suggest(field) }
  }
}
