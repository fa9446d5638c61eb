// Dragging in the process tree: <process-tree> holds rows with draggable="true" and one form that is sent to the page
// “Move under …” of the dragged process, with the process it was dropped on as the new parent.
class ProcessTree extends HTMLElement {
  connectedCallback() {
    this.addEventListener("dragstart", e => this.begin(e));
    this.addEventListener("dragover", e => this.over(e));
    this.addEventListener("dragleave", e => e.target.closest?.(".tree__row")?.classList.remove("tree__row--over"));
    this.addEventListener("drop", e => this.drop(e));
    this.addEventListener("dragend", () => this.end());
  }

  begin(e) {
    const row = e.target.closest(".tree__row[draggable]");
    if (!row) return;
    this.dragged = row.closest(".tree__item");
    this.dragged.classList.add("tree__item--dragged");
    e.dataTransfer.effectAllowed = "move";
    e.dataTransfer.setData("text/plain", this.dragged.dataset.code);
  }

  // A row takes what is dropped on it, unless it stands in the dragged branch itself.
  target(e) {
    const row = e.target.closest?.(".tree__row");
    return this.dragged && row && !this.dragged.contains(row) ? row : null;
  }

  over(e) {
    const row = this.target(e);
    if (!row) return;
    e.preventDefault();
    e.dataTransfer.dropEffect = "move";
    row.classList.add("tree__row--over");
  }

  drop(e) {
    const row = this.target(e), form = this.querySelector(".tree__drop");
    if (!row) return;
    e.preventDefault();
    form.action = `/processes/${encodeURIComponent(this.dragged.dataset.code)}/place/`;
    form.elements.parent.value = row.closest(".tree__item").dataset.code;
    form.submit();
  }

  end() {
    this.dragged?.classList.remove("tree__item--dragged");
    this.querySelectorAll(".tree__row--over").forEach(row => row.classList.remove("tree__row--over"));
    this.dragged = null;
  }
}
if (!customElements.get("process-tree")) customElements.define("process-tree", ProcessTree);
