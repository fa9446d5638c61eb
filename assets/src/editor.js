// <procedure-editor>: a real editor in place of a plain text area, in a form that works without it.
//
//   <form method="post" action="…">
//     <procedure-editor data-autosave-url="…/autosave/" data-row-version="12" data-upload-url="…" data-presence-url="…"
//                       data-signin-url="/accounts/login/" data-savestate="savestate" data-strings='{"bold": "Fett"}'>
//       <label for="id_body">Text</label><textarea name="body" id="id_body">…sanitised HTML…</textarea>
//     </procedure-editor>
//   </form>
//
// docs/editor.md tells what the addresses answer.
import { Autosave, DeviceCopy } from "./autosave.js";
import { ConflictView } from "./conflict.js";
import { tokensOf } from "./lossless.js";
import { Offers } from "./offers.js";
import { announcer, button, csrfHeaders, el, notice } from "./page.js";
import { Presence } from "./presence.js";
import { SaveState } from "./savestate.js";
import { reader } from "./strings.js";
import { Surface } from "./surface.js";
import { allErrors, uploadFile } from "./upload.js";

const sameText = (a, b) => a === b || tokensOf(a).join("\n") === tokensOf(b).join("\n");

class ProcedureEditor extends HTMLElement {
  connectedCallback() {
    this.textarea = this.querySelector("textarea");
    if (!this.textarea || this.surface) return;
    this.form = this.textarea.form;
    this.t = reader(this.dataset.strings);
    this.notices = new Map();
    this.shelf = el("div", { class: "editor__notices" });
    const given = this.dataset.savestate
      ? document.getElementById(this.dataset.savestate)
      : this.form?.querySelector(".savestate[data-savestate]");
    this.state = new SaveState({ element: given || null, t: this.t });
    this.prepend(...(given ? [] : [this.state.element]), this.shelf);
    this.announce = announcer(this);
    const show = (name, element) => this.show(name, element);
    this.surface = new Surface({
      textarea: this.textarea, t: this.t, announce: this.announce, show, changed: () => this.changed(),
      upload: this.dataset.uploadUrl ? (file) => uploadFile(file, { url: this.dataset.uploadUrl, headers: csrfHeaders(this.form), t: this.t }) : null,
    });
    this.textarea.before(this.surface.element);
    this.surface.open(this.textarea.value);
    this.startSaving(show);
    this.listen();
  }

  startSaving(show) {
    const { autosaveUrl, autosaveDelay, presenceUrl, rowVersion } = this.dataset;
    const headers = () => csrfHeaders(this.form);
    this.copy = new DeviceCopy(autosaveUrl || location.pathname);
    if (autosaveUrl) {
      this.saver = new Autosave({
        url: autosaveUrl, rowVersion: Number(rowVersion), delay: Number(autosaveDelay) || 2000, read: () => this.draft(), copy: this.copy, headers,
        show: (state, detail) => this.onSave(state, detail),
      });
    }
    this.offers = new Offers({ copy: this.copy, t: this.t, show, use: (item) => this.bringBack(item) });
    this.offerWhatWasFound();
    if (presenceUrl) {
      this.presence = new Presence({
        url: presenceUrl, headers, t: this.t, place: () => this.surface.place(),
        show: (element, said) => { this.show("presence", element); if (said) this.announce(said); },
      });
    }
  }

  listen() {
    this.stopListening = new AbortController();
    const { signal } = this.stopListening;
    this.form?.addEventListener("submit", (event) => this.onSubmit(event), { signal });
    this.form?.elements.namedItem("title")?.addEventListener("input", () => this.changed(), { signal });
    window.addEventListener("beforeunload", (event) => this.onLeave(event), { signal });
    window.addEventListener("online", () => this.saver?.save(), { signal });
    window.addEventListener("pageshow", () => { this.submitting = false; }, { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && !this.leaving) this.saver?.save();
    }, { signal });
  }

  /** Unsaved text stays on the device and the browser asks. Who stays all the same goes on saving. */
  onLeave(event) {
    if (!this.saver?.dirty || this.submitting) return;
    this.saver.keep();
    event.preventDefault();
    this.leaving = true; // a save sent now would make the next page's row version stale
    setTimeout(() => { this.leaving = false; }, 1000);
  }

  disconnectedCallback() {
    this.stopListening?.abort();
    this.presence?.stop();
    this.saver?.stop();
    this.state?.stop();
    this.surface?.stop();
    this.surface = null;
    this.shelf?.remove();
  }

  draft() {
    const title = this.form?.elements.namedItem("title");
    return { body: this.surface.html, ...(title ? { title: title.value } : {}) };
  }

  changed() {
    this.saver?.touch();
  }

  /** One notice of each name stands on the shelf above the text. */
  show(name, element) {
    this.notices.get(name)?.remove();
    this.notices.delete(name);
    if (!element) return;
    this.notices.set(name, element);
    this.shelf.append(element);
  }

  onSave(state, detail = {}) {
    const { t } = this;
    if (state === "unsaved" && ["kept", "signin", "invalid"].includes(this.state.element.dataset.state)) return;
    if (state === "saved" && detail.more) return this.state.show("saving");
    this.state.show(state, { invalid: t("kept"), conflict: t("not_saved") }[state]);
    if (["kept", "signin", "invalid", "conflict"].includes(state)) this.announce(this.state.words.textContent);
    if (state === "saving" || state === "unsaved") return undefined;
    this.show("save", this.saveNotice(state, detail));
    if (state === "saved") this.form?.dispatchEvent(new Event("saved")); // the page need not warn any more
    if (state === "saved" && detail.removed?.length) {
      this.show("removed", notice({
        title: t("removed_title"), list: detail.removed.map(String),
        moves: [button(t("close"), () => this.show("removed", null), { variant: "btn--small" })],
      }));
    }
    if (state === "conflict") this.openConflict({ ...detail, mine: this.surface.html });
    return undefined;
  }

  saveNotice(state, detail) {
    const { t } = this;
    const again = button(t("save_again"), () => this.saver.save(), { variant: "btn--small" });
    if (state === "signin") {
      const back = encodeURIComponent(location.pathname);
      const link = this.dataset.signinUrl
        ? el("a", { class: "btn btn--small", href: `${this.dataset.signinUrl}?next=${back}`, target: "_blank", rel: "noopener" }, t("signin_link"))
        : null;
      return notice({ title: t("signin_title"), text: t("signin_text"), kind: "late", moves: [link, again].filter(Boolean) });
    }
    if (state === "invalid") {
      return notice({ title: t("invalid_title"), text: t("invalid_text"), kind: "late", list: allErrors(detail.errors), moves: [again] });
    }
    return null;
  }

  /** A text of this device that the server never got is offered, not put in silently. */
  offerWhatWasFound() {
    const found = this.copy.read();
    if (!found?.body) return;
    this.copy.forget();
    if (!sameText(found.body, this.surface.html)) this.offers.add({ kind: "found", body: found.body, at: found.at, row_version: found.row_version });
  }

  bringBack(item) {
    const version = this.saver?.rowVersion;
    if (item.kind === "found" && item.row_version !== undefined && version !== undefined && item.row_version !== version) {
      // The server has gone on since this text was written: that is a conflict like any other.
      this.saver.paused = true;
      this.openConflict({ mine: item.body, body: this.surface.html, row_version: version });
      return;
    }
    this.surface.replace(item.body);
  }

  openConflict({ mine, body, title, by, at, row_version: rowVersion }) {
    const settle = (text, setAside, save) => {
      this.closeConflict();
      for (const item of setAside) this.offers.add(item);
      if (text !== null) this.surface.replace(text, { quiet: true });
      this.saver.resolve(rowVersion, { save });
      this.surface.editor?.commands.focus();
    };
    const theirItem = { kind: "theirs", by, body };
    const myItem = { kind: "mine", body: mine };
    const field = this.form?.elements.namedItem("title");
    this.conflict = new ConflictView({
      titles: { mine: field?.value, theirs: title },
      mine: this.surface.normal(mine), theirs: this.surface.normal(body), by, at, t: this.t,
      keep: () => settle(mine, [theirItem], true),
      take: () => {
        if (field && title) field.value = title;
        settle(body, [myItem], false);
      },
      merge: (text, { mineLeftOut, theirsLeftOut }) =>
        settle(text, [...(mineLeftOut ? [myItem] : []), ...(theirsLeftOut ? [theirItem] : [])], true),
    });
    this.surface.element.hidden = true;
    this.textarea.hidden = true;
    this.surface.element.before(this.conflict.element);
    this.conflict.focus();
  }

  closeConflict() {
    this.conflict.element.remove();
    this.conflict = null;
    this.surface.element.hidden = false;
    this.textarea.hidden = Boolean(this.surface.editor);
  }

  async onSubmit(event) {
    if (this.conflict) {
      event.preventDefault();
      this.conflict.focus();
      return;
    }
    if (this.saver?.running) {
      // The save on its way would make this one stale.
      event.preventDefault();
      await this.saver.running;
      if (!this.conflict) this.form.requestSubmit(event.submitter);
      return;
    }
    clearTimeout(this.saver?.timer);
    this.textarea.value = this.surface.html;
    if (this.saver) {
      for (const field of this.rowVersionFields()) field.value = this.saver.rowVersion;
      if (this.saver.dirty) this.saver.keep();
    }
    this.submitting = true;
  }

  rowVersionFields() {
    const fields = this.form.querySelectorAll('input[name="row_version"]');
    return fields.length ? fields : [this.form.appendChild(el("input", { type: "hidden", name: "row_version" }))];
  }
}

customElements.define("procedure-editor", ProcedureEditor);
