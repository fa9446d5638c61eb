// Toolbars: one tab stop each, arrow keys inside, pressed states that follow the cursor.
import { icon } from "./icons.js";
import { el } from "./page.js";
import { itemAround, moveItem } from "./schema/steps.js";

const chain = (editor) => editor.chain().focus();
const mark = (name, sign, keys, toggle) => ({
  name, sign, keys, run: (editor) => chain(editor)[toggle]().run(), active: (editor) => editor.isActive(name),
  enabled: (editor) => editor.can()[toggle](),
});
const heading = (level) => ({
  name: `heading_${level}`, text: `H${level}`, keys: ["alt", level], id: `heading-${level}`,
  run: (editor) => chain(editor).toggleHeading({ level }).run(),
  active: (editor) => editor.isActive("heading", { level }),
});
const callout = (kind, sign) => ({
  name: kind, sign, words: true, run: (editor) => chain(editor).toggleCallout(kind).run(),
  active: (editor) => editor.isActive("callout", { kind }),
});
const does = (name, sign, command, keys, more = {}) => ({
  name, sign, keys, run: (editor) => chain(editor)[command]().run(), enabled: (editor) => editor.can()[command]?.() ?? true, ...more,
});

/** The main toolbar; `ask` opens the dialogs, null stands for a gap. */
export const textTools = ({ ask, canUpload, toPlain }) => [
  does("undo", "undo", "undo", ["Z"]), does("redo", "redo", "redo", ["shift", "Z"]), null,
  heading(2), heading(3), heading(4), null,
  mark("bold", "bold", ["B"], "toggleBold"), mark("italic", "italic", ["I"], "toggleItalic"),
  mark("underline", "underline", ["U"], "toggleUnderline"), mark("strike", "strike", ["shift", "S"], "toggleStrike"),
  mark("code", "code", ["E"], "toggleCode"), mark("subscript", "subscript", [","], "toggle_subscript"),
  mark("superscript", "superscript", ["."], "toggle_superscript"), null,
  does("bullet_list", "list", "toggleBulletList", ["shift", "8"], { active: (editor) => editor.isActive("bulletList") }),
  does("ordered_list", "list-num", "toggleOrderedList", ["shift", "7"], { active: (editor) => editor.isActive("orderedList") }), null,
  { name: "link", sign: "link", keys: ["K"], run: () => ask.link(), active: (editor) => editor.isActive("link") },
  ...(canUpload ? [{ name: "picture", sign: "image", run: () => ask.picture(), active: (editor) => editor.isActive("image") }] : []),
  { name: "table", sign: "table", run: () => ask.table(), active: (editor) => editor.isActive("table"),
    enabled: (editor) => !editor.isActive("table") },
  does("quote", "quote", "toggleBlockquote", ["shift", "B"], { active: (editor) => editor.isActive("blockquote") }),
  does("code_block", "code-block", "toggleCodeBlock", ["alt", "C"], { active: (editor) => editor.isActive("codeBlock") }),
  does("rule", "rule", "setHorizontalRule"), null,
  does("steps", "steps", "toggleSteps", null, { words: true, active: (editor) => editor.isActive("steps") }),
  callout("caution", "alert"), callout("stop", "stop"), callout("note", "note"), null,
  { name: "plain_text", sign: "doc", run: toPlain },
];

const isItem = (editor) => itemAround(editor.state.selection, ["step", "listItem"]);

/** Moves the step or list item at the cursor and says where it is now. */
export function moveHere(editor, by, { t, announce }) {
  const item = isItem(editor);
  if (!item) return false;
  const place = moveItem(editor.view, item.pos, by);
  announce(place ? t("moved_to", { n: place.position, total: place.total }) : t(by < 0 ? "move_first" : "move_last"));
  return true;
}

export const stepTools = (voice) => [
  { name: "step_new", words: true, sign: "plus", run: addStep },
  { name: "step_split", words: true, keys: ["Enter"], run: (editor) => chain(editor).splitStep().run() },
  { name: "step_up", words: true, sign: "up", keys: ["alt-only", "up"], run: (editor) => moveHere(editor, -1, voice) },
  { name: "step_down", words: true, sign: "down", keys: ["alt-only", "down"], run: (editor) => moveHere(editor, 1, voice) },
  does("step_out", null, "liftStep", null, { words: true }),
];

/** A new step after the one at the cursor, its title first. */
function addStep(editor) {
  const item = itemAround(editor.state.selection, ["step"]);
  const at = item.pos + item.node.nodeSize;
  const content = [{ type: "heading", attrs: { level: 3 } }, { type: "paragraph" }];
  chain(editor).insertContentAt(at, { type: "step", content }).setTextSelection(at + 2).run();
}

const tableTool = (name, command) => does(name, null, command, null, { words: true });

export const tableTools = ({ ask }) => [
  tableTool("row_above", "addRowBefore"), tableTool("row_below", "addRowAfter"), tableTool("row_delete", "deleteRow"), null,
  tableTool("column_before", "addColumnBefore"), tableTool("column_after", "addColumnAfter"),
  tableTool("column_delete", "deleteColumn"), null,
  tableTool("header_row", "toggleHeaderRow"), tableTool("header_column", "toggleHeaderColumn"),
  { name: "table_caption", words: true, run: () => ask.caption() }, tableTool("table_delete", "deleteTable"),
];

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

function shortcut(keys, t) {
  if (!keys) return "";
  const [first, ...rest] = keys;
  const names = { alt: t("key_alt"), shift: t("key_shift"), up: t("key_up"), down: t("key_down") };
  const said = first === "alt-only" ? [names.alt, ...rest] : [isMac ? "⌘" : t("key_ctrl"), ...keys];
  return ` (${said.map((key) => names[key] ?? key).join(" + ")})`;
}

/** A toolbar element; `shown(editor)` says when it is there at all. */
export class Toolbar {
  constructor({ editor, tools, label, controls, t, shown = () => true, variant = "" }) {
    this.editor = editor;
    this.shown = shown;
    this.items = tools.filter(Boolean).map((tool) => ({ tool, button: this.make(tool, t) }));
    const byTool = new Map(this.items.map(({ tool, button }) => [tool, button]));
    const children = tools.map((tool) => byTool.get(tool) ?? el("span", { class: "toolbar__gap", "aria-hidden": "true" }));
    this.element = el("div", { class: `toolbar editor__tools ${variant}`.trim(), role: "toolbar", "aria-label": label, "aria-controls": controls }, ...children);
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("focusin", (event) => this.makeStop(event.target));
    this.makeStop(this.items[0].button);
    this.refresh();
  }

  make(tool, t) {
    const label = t(tool.name);
    const words = tool.words || tool.text ? tool.text ?? label : null;
    const button = el("button", {
      type: "button", class: `btn btn--plain btn--small${words ? "" : " btn--icon"}`, title: label + shortcut(tool.keys, t),
      "aria-label": label, "data-tool": tool.name, tabindex: -1, "aria-pressed": tool.active ? "false" : null,
    }, tool.sign ? icon(tool.sign) : null, words);
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps its selection
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") tool.run(this.editor);
    });
    return button;
  }

  makeStop(button) {
    if (!this.items.some((item) => item.button === button)) return;
    for (const item of this.items) item.button.tabIndex = item.button === button ? 0 : -1;
  }

  onKey(event) {
    const buttons = this.items.map((item) => item.button);
    const at = buttons.indexOf(document.activeElement);
    const along = getComputedStyle(this.element).direction === "rtl" ? -1 : 1;
    const next = { ArrowRight: at + along, ArrowLeft: at - along, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape") this.editor.commands.focus();
    if (next === undefined || at < 0) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length].focus();
  }

  /** Pressed and possible, as the cursor stands now. */
  refresh() {
    this.element.hidden = !this.shown(this.editor);
    if (this.element.hidden) return;
    for (const { tool, button } of this.items) {
      if (tool.active) button.setAttribute("aria-pressed", String(tool.active(this.editor)));
      if (tool.enabled) button.setAttribute("aria-disabled", String(!tool.enabled(this.editor)));
    }
  }
}
