// Where the text is written: the Tiptap editor, or the plain text area where the editor would lose something.
import { Editor, Extension, getSchema } from "@tiptap/core";
import { asks } from "./ask.js";
import { losses } from "./lossless.js";
import { button, el, notice } from "./page.js";
import { extensions } from "./schema/index.js";
import { assignKeys, itemAround } from "./schema/steps.js";
import { cleanPaste, toDocument, toHtml } from "./serialise.js";
import { Toolbar, moveHere, stepTools, tableTools, textTools } from "./toolbar.js";

const QUIET = "quiet"; // a change nobody typed: not a reason to save

export class Surface {
  /** `{textarea, t, announce, changed(), show(name, element), upload(file) or null}` */
  constructor({ textarea, t, announce, changed, show, upload }) {
    Object.assign(this, { textarea, t, announce, changed, show, upload });
    this.voice = { t, announce };
    this.extensions = [...extensions(this.voice), this.shortcuts()];
    this.schema = getSchema(this.extensions);
    this.element = el("div", { class: "editor" });
    this.typed = () => this.changed();
    textarea.addEventListener("input", this.typed);
  }

  get html() {
    return this.editor ? toHtml(this.editor.schema, this.editor.state.doc) : this.textarea.value;
  }

  /** A text as this editor would write it: the server's anchors and spacing are not differences. */
  normal(html) {
    return losses(this.schema, html).length ? html : toHtml(this.schema, toDocument(this.schema, html));
  }

  /** Open a text: in the editor, or as plain text with the reason when the editor would lose a part of it. */
  open(html) {
    const parts = losses(this.schema, html);
    if (!parts.length) return this.rich(html);
    this.plain(html);
    const { t } = this;
    this.show("loss", notice({
      title: t("loss_title"), text: t("loss_text", { parts: parts.join(", ") }),
      moves: [button(t("loss_open"), () => { this.rich(this.textarea.value); this.changed(); }, { variant: "btn--small" })],
    }));
    this.announce(t("loss_title"));
    return undefined;
  }

  /** Put another text in place of the present one; Undo brings the present one back. */
  replace(html, { quiet = false } = {}) {
    if (!this.editor || losses(this.schema, html).length) {
      this.open(html);
    } else {
      const { view, state } = this.editor;
      const { content } = toDocument(state.schema, html);
      view.dispatch(state.tr.replaceWith(0, state.doc.content.size, content).setMeta(QUIET, true));
    }
    if (!quiet) this.changed();
  }

  plain(html = this.html) {
    const labels = this.textarea.labels;
    if (!labels?.length) this.textarea.setAttribute("aria-label", this.t("editor_label"));
    this.close();
    this.textarea.value = html;
    this.textarea.hidden = false;
    this.textarea.classList.add("input", "editor__plain");
    this.element.replaceChildren(el("div", { class: "cluster" },
      button(this.t("rich_text"), () => { this.open(this.textarea.value); this.editor?.commands.focus(); }, { variant: "btn--small", sign: "pencil" })));
  }

  rich(html) {
    this.show("loss", null);
    this.close();
    this.textarea.hidden = true;
    const body = el("div", { class: "editor__page" });
    this.editor = new Editor({
      element: body,
      extensions: this.extensions,
      injectCSS: false,
      content: toDocument(this.schema, html).toJSON(),
      editorProps: { attributes: this.regionAttributes(), ...this.pasting() },
      onUpdate: ({ transaction }) => { if (!transaction.getMeta(QUIET)) this.changed(); },
      onTransaction: () => this.refresh(),
    });
    const keyed = assignKeys(this.editor.state.tr);
    if (keyed) this.editor.view.dispatch(keyed.setMeta(QUIET, true).setMeta("addToHistory", false));
    this.bars = this.toolbars();
    this.element.replaceChildren(el("div", { class: "editor__bar" }, ...this.bars.map((bar) => bar.element)), body);
  }

  regionAttributes() {
    const label = this.textarea.labels?.[0];
    if (label) {
      label.id ||= `${this.textarea.id}-label`;
      label.onclick = () => this.editor?.commands.focus();
    }
    return {
      id: `${this.textarea.id || "body"}-editor`, class: "prose editor__body", role: "textbox", "aria-multiline": "true",
      ...(label ? { "aria-labelledby": label.id } : { "aria-label": this.t("editor_label") }),
    };
  }

  toolbars() {
    const { editor, t } = this;
    const ask = asks({ editor, t, upload: this.upload });
    this.ask = ask;
    const common = { editor, t, controls: editor.view.dom.id };
    const toPlain = () => { this.plain(); this.textarea.focus(); };
    return [
      new Toolbar({ ...common, label: t("toolbar_text"), tools: textTools({ ask, canUpload: Boolean(this.upload), toPlain }) }),
      new Toolbar({ ...common, label: t("toolbar_step"), tools: stepTools(this.voice), variant: "editor__tools--here", shown: () => editor.isActive("step") }),
      new Toolbar({ ...common, label: t("toolbar_table"), tools: tableTools({ ask }), variant: "editor__tools--here", shown: () => editor.isActive("table") }),
    ];
  }

  refresh() {
    this.bars?.forEach((bar) => bar.refresh());
  }

  shortcuts() {
    const surface = this;
    return Extension.create({
      name: "portalKeys",
      priority: 1100,
      addKeyboardShortcuts() {
        return {
          "Mod-k": () => { surface.ask.link(); return true; },
          "Mod-Shift-b": () => this.editor.commands.toggleBlockquote(), // else the library takes it for bold
          "Alt-ArrowUp": () => moveHere(this.editor, -1, surface.voice),
          "Alt-ArrowDown": () => moveHere(this.editor, 1, surface.voice),
          "Alt-F10": () => { surface.bars[0].element.querySelector('[tabindex="0"]').focus(); return true; },
        };
      },
    });
  }

  pasting() {
    const pictures = (list) => (this.upload ? [...(list ?? [])].filter((file) => file.type.startsWith("image/")) : []);
    return {
      transformPastedHTML: (html) => {
        const cleaned = cleanPaste(html);
        if (cleaned.pictures) this.pictureNotice(cleaned.pictures);
        return cleaned.html;
      },
      handlePaste: (view, event) => {
        const files = pictures(event.clipboardData?.files);
        const words = cleanPaste(event.clipboardData?.getData("text/html") ?? "").html.replace(/<[^>]*>/g, "").trim();
        if (!files.length || words) return false;
        this.addPictures(files);
        return true;
      },
      handleDrop: (view, event, slice, moved) => {
        const files = moved ? [] : pictures(event.dataTransfer?.files);
        if (!files.length) return false;
        event.preventDefault();
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (at) this.editor.commands.setTextSelection(at.pos);
        this.addPictures(files);
        return true;
      },
    };
  }

  async addPictures(files) {
    for (const file of files) await this.ask.picture(file);
  }

  pictureNotice(n) {
    const { t } = this;
    const title = t("pictures_left_out", { n });
    this.show("pictures", notice({ title, sign: "image", moves: [button(t("close"), () => this.show("pictures", null), { variant: "btn--small" })] }));
    this.announce(title);
  }

  /** Where the cursor is, for the others: "Step 3", or the heading above it. */
  place() {
    if (!this.editor?.isFocused) return "";
    const { selection, doc } = this.editor.state;
    const step = itemAround(selection, ["step"]);
    if (step) return this.t("place_step", { n: step.index + 1 });
    let heading = "";
    doc.nodesBetween(0, selection.from, (node) => {
      if (node.type.name === "heading") heading = node.textContent;
      return !node.isTextblock;
    });
    return heading.slice(0, 80);
  }

  close() {
    this.bars = null;
    this.editor?.destroy();
    this.editor = null;
  }

  stop() {
    this.textarea.removeEventListener("input", this.typed);
    this.textarea.hidden = false;
    this.textarea.value = this.html;
    this.close();
    this.element.remove();
  }
}
