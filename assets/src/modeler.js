// Drawing a map: <map-modeler data-url data-row-version> around the plain form of the draft. The textarea "body" holds
// the XML; without this script it and the file upload are how a map is changed. Saved two seconds after a change.
import BpmnModeler from "bpmn-js/lib/Modeler";
import colours from "bpmn-js-color-picker";
import minimap from "diagram-js-minimap";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./modeler-font.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn-codes.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import "bpmn-js-color-picker/colors/color-picker.css";
import "./modeler.css";
import { Autosave, DeviceCopy } from "./autosave.js";
import { clock, csrfHeaders } from "./page.js";
import { Presence } from "./presence.js";
import { counts, lost } from "./modeler-counts.js";

class MapModeler extends HTMLElement {
  async connectedCallback() {
    this.form = this.closest("form");
    this.field = this.querySelector("textarea[name=body]");
    this.words = JSON.parse(this.querySelector("script[type='application/json']").textContent);
    this.state = document.querySelector("[data-savestate]");
    const canvas = this.querySelector("[data-canvas]");
    this.original = this.field.value;
    this.classList.add("map-modeler--on"); // shown first: a canvas without size cannot be zoomed
    const font = { fontFamily: '"Inter Portal", Arial, sans-serif', fontSize: 12 };
    this.modeler = new BpmnModeler({
      container: canvas,
      additionalModules: [minimap, colours],
      textRenderer: { defaultStyle: font, externalStyle: font },
    });
    try {
      const { warnings } = await this.modeler.importXML(this.original);
      await this.compare(warnings);
    } catch (problem) {
      this.tell(this.words.unreadable.replace("{reason}", problem.message), "late");
      this.modeler.destroy();
      this.classList.remove("map-modeler--on");
      return;
    }
    this.fit();
    this.diagrams();
    canvas.setAttribute("tabindex", "0");
    this.autosave = new Autosave({
      url: this.dataset.url,
      rowVersion: Number(this.dataset.rowVersion),
      read: () => ({ body: this.field.value, title: this.form.elements.title.value }),
      show: (state, detail) => this.show(state, detail),
      headers: () => csrfHeaders(this.form),
      copy: new DeviceCopy(`map:${location.pathname}`),
    });
    this.modeler.on("commandStack.changed", () => this.changed());
    this.form.elements.title.addEventListener("input", () => this.autosave.touch());
    this.addEventListener("click", (event) => this.press(event));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.onHide = () => document.visibilityState === "hidden" && this.autosave.save();
    document.addEventListener("visibilitychange", this.onHide);
    this.buttons();
    this.others = new Presence({
      url: this.dataset.presence,
      headers: () => csrfHeaders(this.form),
      place: () => "",
      t: (name, values) => (this.words[name] ?? "").replace("{name}", values?.name ?? ""),
      show: (notice) => this.querySelector("[data-others]").replaceChildren(...(notice ? [notice] : [])),
    });
  }

  disconnectedCallback() {
    this.others?.stop();
    document.removeEventListener("visibilitychange", this.onHide);
    this.autosave?.stop();
    this.modeler?.destroy();
  }

  // What a first save would drop or change of a file that another program wrote: said before it is saved.
  async compare(warnings) {
    const { xml } = await this.modeler.saveXML({ format: true });
    const gone = lost(counts(this.original), counts(xml));
    const undrawn = warnings.map((one) => one.message).slice(0, 20);
    if (!gone.length && !undrawn.length) return;
    const box = this.querySelector("[data-losses]");
    box.hidden = false;
    box.querySelector("ul").replaceChildren(
      ...[...gone.map(({ name, before, after }) => this.words.loss.replace("{name}", name).replace("{before}", before).replace("{after}", after)), ...undrawn]
        .map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
  }

  async changed() {
    this.buttons();
    try {
      const { xml } = await this.modeler.saveXML({ format: true });
      this.field.value = xml;
      this.autosave.touch();
    } catch (problem) {
      this.tell(problem.message, "late");
    }
  }

  // A file may hold several diagrams; one is open at a time.
  diagrams() {
    const { diagrams } = this.modeler.getDefinitions();
    const picker = this.querySelector("[data-diagrams]");
    if (diagrams.length < 2) return;
    picker.replaceChildren(...diagrams.map((one, index) => new Option(one.name || one.plane?.bpmnElement?.name || `${index + 1}`, one.id)));
    picker.hidden = false;
    picker.addEventListener("change", async () => {
      await this.modeler.open(picker.value);
      this.fit();
    });
  }

  // The whole drawing, right of the palette that lies over the canvas.
  fit() {
    const canvas = this.modeler.get("canvas");
    canvas.zoom("fit-viewport", "auto");
    canvas.zoom(Math.min(1, canvas.zoom() * 0.92));
    const { inner, x, y } = canvas.viewbox();
    const scale = canvas.zoom();
    canvas.scroll({ dx: (x - inner.x) * scale + 84, dy: (y - inner.y) * scale + 24 });
  }

  buttons() {
    const stack = this.modeler.get("commandStack");
    this.querySelector("[data-do=undo]").disabled = !stack.canUndo();
    this.querySelector("[data-do=redo]").disabled = !stack.canRedo();
  }

  press(event) {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (!what) return;
    const { modeler } = this;
    if (what === "undo" || what === "redo") modeler.get("commandStack")[what]();
    else if (what === "fit") this.fit();
    else if (what === "search") modeler.get("searchPad").toggle();
    else if (what === "minimap") modeler.get("minimap").toggle();
  }

  // A normal submit sends what is in the field; one that still runs is waited for, so that nobody meets themself.
  async submit(event) {
    if (!this.autosave.dirty && !this.autosave.running) return this.carry();
    event.preventDefault();
    const { submitter } = event;
    await this.autosave.save();
    this.carry();
    if (!this.autosave.paused) this.form.requestSubmit(submitter);
  }

  carry() {
    this.form.elements.row_version.value = this.autosave.rowVersion;
  }

  show(state, detail = {}) {
    const { words } = this;
    if (state === "saved") this.carry();
    const text = { unsaved: words.unsaved, saving: words.saving, kept: words.kept, signin: words.signin }[state]
      ?? (state === "saved" ? words.saved.replace("{time}", clock(new Date())) : "");
    if (this.state) this.state.textContent = text;
    if (state === "invalid") this.tell((detail.errors ?? [words.refused]).join(" "), "late");
    if (state === "signin") this.tell(words.signin, "late");
    if (state === "conflict") this.conflict(detail);
  }

  // Both versions are kept: theirs can be looked at in a new window, and this one can replace it.
  conflict(theirs) {
    const box = this.querySelector("[data-conflict]");
    box.hidden = false;
    box.querySelector("[data-who]").textContent = this.words.conflict.replace("{name}", theirs.by || "?");
    box.querySelector("[data-take]").onclick = async () => {
      await this.modeler.importXML(theirs.body);
      this.field.value = theirs.body;
      box.hidden = true;
      this.autosave.resolve(theirs.row_version, { save: false });
    };
    box.querySelector("[data-keep]").onclick = () => {
      box.hidden = true;
      this.autosave.resolve(theirs.row_version, { save: true });
    };
    box.querySelector("[data-who]").focus();
  }

  tell(text, tone) {
    const box = this.querySelector("[data-told]");
    box.hidden = false;
    box.className = `notice notice--${tone}`;
    box.textContent = text;
  }
}

customElements.define("map-modeler", MapModeler);
