// Suggests colleagues while a name is typed after an @:
//   <mention-box><textarea data-colleagues="/people/suggest"></textarea></mention-box>
// Arrow keys choose, Enter or Tab takes, Escape closes. What is put in is the name with the address, which the server
// reads and takes out of the text again. Without script the name is typed by hand.
import { say } from "./say.js";

const PIECE = /(?:^|[^\w@.])@([^\s@<>][^@<>\n]{1,40})$/u;

class MentionBox extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("textarea");
    if (!this.field) return;
    this.list = Object.assign(document.createElement("ul"), { className: "mentions", hidden: true, id: `${this.field.id}-people` });
    this.list.setAttribute("role", "listbox");
    this.append(this.list);
    // A text area may not be a combobox: it stays a text box of many lines that points at its options.
    for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": this.list.id })) this.field.setAttribute(name, value);
    this.stop = new AbortController();
    const listen = (target, type, what) => target.addEventListener(type, what, { signal: this.stop.signal });
    listen(this.field, "input", () => this.look());
    listen(this.field, "keydown", e => this.press(e));
    listen(this.field, "blur", () => setTimeout(() => this.close(), 150));
    listen(this.list, "mousedown", e => { const option = e.target.closest("[role=option]"); if (option) { e.preventDefault(); this.take(option) } });
    if (this.field.value !== this.field.defaultValue) this.look();  // typed while this file was on its way
  }

  disconnectedCallback() { this.stop?.abort(); this.list?.remove() }

  async look() {
    const typed = this.field.value.slice(0, this.field.selectionStart).match(PIECE)?.[1];
    const asked = (this.asked = typed);
    if (!typed || typed.length < 2) return this.close();
    await new Promise(done => setTimeout(done, 150));
    if (asked !== this.asked) return;
    const answer = await fetch(`${this.field.dataset.colleagues}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || asked !== this.asked) return;
    this.show((await answer.json()).suggestions);
  }

  show(people) {
    if (!people.length) return this.close();
    this.list.replaceChildren(...people.map((written, n) => {
      const option = Object.assign(document.createElement("li"), { id: `${this.list.id}-${n}`, textContent: written });
      option.setAttribute("role", "option");
      return option;
    }));
    this.list.hidden = false;
    say(people.join(", "));
    this.choose(0);
  }

  choose(number) {
    const options = [...this.list.children];
    this.at = (number + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === this.at)));
    this.field.setAttribute("aria-activedescendant", options[this.at].id);
  }

  press(e) {
    if (this.list.hidden || e.isComposing) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); this.choose(this.at + (e.key === "ArrowDown" ? 1 : -1)) }
    else if (e.key === "Enter" || e.key === "Tab") { e.preventDefault(); this.take(this.list.children[this.at]) }
    else if (e.key === "Escape") { e.stopPropagation(); this.close() }
  }

  take(option) {
    const end = this.field.selectionStart;
    const start = this.field.value.lastIndexOf("@", end - 1);
    this.field.setRangeText(`@${option.textContent} `, start, end, "end");
    this.asked = null;
    this.close();
    this.field.focus();
  }

  close() {
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }
}
if (!customElements.get("mention-box")) customElements.define("mention-box", MentionBox);
