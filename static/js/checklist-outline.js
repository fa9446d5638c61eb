// Questions are dragged by their handle and moved with Alt + arrow keys: <checklist-outline>…</checklist-outline>.
// Both press a button of the form inside, so that the server moves, numbers and refuses.
class ChecklistOutline extends HTMLElement {
  connectedCallback() {
    for (const type of ["keydown", "pointerdown", "dragstart", "dragover", "drop", "dragend"]) this.addEventListener(type, this);
  }

  handleEvent(event) { this[event.type](event) }

  keydown(event) {
    const item = event.target.closest("[data-item]");
    if (!item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    item.querySelector(event.key === "ArrowUp" ? "[data-up]" : "[data-down]").click();
  }

  pointerdown(event) {
    const item = event.target.closest("[data-item]");
    if (item) item.draggable = Boolean(event.target.closest("[data-grip]"));  // elsewhere, words can be selected
  }

  dragstart(event) {
    this.dragged = event.target.closest("[data-item]");
    this.dragged?.setAttribute("data-dragged", "");
    event.dataTransfer.effectAllowed = "move";
  }

  dragover(event) {
    const place = this.dragged && this.placeAt(event);
    if (!place) return;
    event.preventDefault();
    this.unmark();
    place.mark.dataset.over = place.side;
  }

  drop(event) {
    const place = this.dragged && this.placeAt(event);
    if (!place) return;
    event.preventDefault();
    const button = this.querySelector("[data-drop]");
    button.value = `place:${this.dragged.dataset.item}:${place.section}:${place.index}`;
    button.click();
  }

  dragend() {
    this.unmark();
    this.dragged?.removeAttribute("data-dragged");
    this.dragged = null;
  }

  placeAt(event) {
    const section = event.target.closest("[data-section]");
    if (!section) return null;
    const items = [...section.querySelectorAll("[data-item]")].filter(one => one !== this.dragged);
    const over = items.find(one => { const box = one.getBoundingClientRect(); return event.clientY < box.top + box.height / 2 });
    const index = over ? items.indexOf(over) : items.length;
    const mark = over ?? items.at(-1) ?? section.querySelector("[data-list]");
    return { section: section.dataset.section, index, mark, side: over ? "before" : "after" };
  }

  unmark() { for (const one of this.querySelectorAll("[data-over]")) one.removeAttribute("data-over") }
}
if (!customElements.get("checklist-outline")) customElements.define("checklist-outline", ChecklistOutline);
