// Cautions and notes, plain boxes, and what the editor shows but does not edit.
import { Node } from "@tiptap/core";
import { icon } from "../icons.js";
import { keyAttribute } from "./steps.js";

const CALLOUTS = { caution: "caution", stop: "caution caution--stop", note: "note" };
const SIGNS = { caution: "alert", stop: "stop", note: "note" };

function calloutKind(element) {
  if (element.classList.contains("caution--stop")) return "stop";
  return element.classList.contains("caution") ? "caution" : "note";
}

const tagAttribute = (fallback) => ({
  default: fallback,
  rendered: false,
  parseHTML: (element) => element.tagName.toLowerCase(),
});

/** <div class="caution">, <div class="caution caution--stop">, <div class="note">; an <aside> stays an <aside>. */
export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "block+",
  defining: true,
  addOptions: () => ({ t: (key) => key }),
  addAttributes: () => ({
    kind: { default: "note", rendered: false, parseHTML: calloutKind },
    tag: tagAttribute("div"),
  }),
  parseHTML: () =>
    ["div", "aside"].flatMap((tag) => ["caution", "note"].map((name) => ({ tag: `${tag}.${name}`, priority: 60 }))),
  renderHTML: ({ node }) => [node.attrs.tag, { class: CALLOUTS[node.attrs.kind] }, 0],

  addCommands() {
    const { t } = this.options;
    return { toggleCallout: (kind) => (context) => toggleCallout(kind, t(`${kind}_word`), context) };
  },

  addNodeView: () => ({ node }) => {
    const dom = document.createElement(node.attrs.tag);
    const sign = document.createElement("span");
    sign.className = "callout__sign";
    sign.contentEditable = "false";
    const content = document.createElement("div");
    content.className = "callout__content";
    dom.append(sign, content);
    const show = ({ attrs }) => {
      dom.className = CALLOUTS[attrs.kind];
      sign.replaceChildren(icon(SIGNS[attrs.kind]));
    };
    show(node);
    return {
      dom,
      contentDOM: content,
      update(next) {
        if (next.type.name !== "callout" || next.attrs.tag !== node.attrs.tag) return false;
        show(next);
        return true;
      },
      ignoreMutation: (mutation) => mutation.type !== "selection" && !content.contains(mutation.target),
    };
  },
});

/** The same kind again takes the box away; another kind changes it; outside of one the text is boxed and named. */
function toggleCallout(kind, word, { state, editor, chain, commands }) {
  if (editor.isActive("callout", { kind })) return commands.lift("callout");
  if (editor.isActive("callout")) return commands.updateAttributes("callout", { kind });
  const { $from } = state.selection;
  const start = $from.start();
  const named = chain().wrapIn("callout", { kind });
  if (!$from.parent.isTextblock || $from.parent.textContent.startsWith(word)) return named.run();
  return named
    .command(({ tr }) => {
      const { strong, bold } = state.schema.marks;
      tr.insert(start + 1, [state.schema.text(word, [(bold ?? strong).create()]), state.schema.text(" ")]);
      return true;
    })
    .run();
}

/** A <div>, <section> or <aside> around other blocks: nothing to see, but it must survive. */
export const Box = Node.create({
  name: "box",
  group: "block",
  content: "block+",
  addAttributes: () => ({
    tag: tagAttribute("div"),
    class: { default: null, parseHTML: (element) => (element.classList.contains("step") ? "step" : null) },
    step: keyAttribute,
  }),
  parseHTML: () => ["div", "section", "aside"].map((tag) => ({ tag, priority: 40 })),
  renderHTML: ({ node, HTMLAttributes }) => [node.attrs.tag, HTMLAttributes, 0],
});

const KEPT_TAGS = new Set(["FIGURE", "IMG", "FIGCAPTION", "P", "STRONG", "EM", "U", "S", "CODE", "KBD", "SUB", "SUP", "BR", "A", "PRE",
  "TABLE", "CAPTION", "COLGROUP", "COL", "THEAD", "TBODY", "TFOOT", "TR", "TH", "TD", "UL", "OL", "LI", "BLOCKQUOTE", "DIV"]);
const KEPT_ATTRIBUTES = new Set(["src", "alt", "title", "width", "height", "href", "class", "colspan", "rowspan", "scope", "start", "type",
  "span", "rel", "data-step"]);
const UNSAFE_ADDRESS = /^[\s\u0000-\u001f]*(?:javascript|data|vbscript|file):/i;

/** A copy of the element that is harmless to show, even when it was pasted and no server has seen it. */
export function harmless(element) {
  const copy = element.cloneNode(true);
  for (const part of [copy, ...copy.querySelectorAll("*")]) {
    if (!KEPT_TAGS.has(part.tagName)) {
      part.remove();
      continue;
    }
    for (const { name, value } of [...part.attributes]) {
      if (!KEPT_ATTRIBUTES.has(name) || UNSAFE_ADDRESS.test(value)) part.removeAttribute(name);
    }
  }
  return copy;
}

/** A figure with its caption: shown, moved and deleted as a whole, never taken apart. */
export const Kept = Node.create({
  name: "kept",
  group: "block",
  atom: true,
  addAttributes: () => ({
    html: { default: "", rendered: false, parseHTML: (element) => harmless(element).outerHTML },
  }),
  parseHTML: () => [{ tag: "figure", priority: 60 }],
  renderHTML: ({ node }) => {
    const dom = new DOMParser().parseFromString(node.attrs.html, "text/html").body.firstElementChild;
    return document.importNode(dom ?? document.createElement("figure"), true);
  },
});
