// Inside a line: links, raised and lowered text, keys, pictures.
import { Mark, Node } from "@tiptap/core";

const simpleMark = (name, tag, shortcut) =>
  Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: () => [tag, 0],
    addCommands: () => ({ [`toggle_${name}`]: () => ({ commands }) => commands.toggleMark(name) }),
    addKeyboardShortcuts() {
      return shortcut ? { [shortcut]: () => this.editor.commands.toggleMark(name) } : {};
    },
  });

export const Subscript = simpleMark("subscript", "sub", "Mod-,").extend({ excludes: "superscript" });
export const Superscript = simpleMark("superscript", "sup", "Mod-.").extend({ excludes: "subscript" });
export const Keys = simpleMark("keys", "kbd");

/** What the server's sanitiser lets through: web, mail and telephone addresses, this portal's paths, places in the text. */
export function safeAddress(address) {
  const bare = address.replace(/[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/g, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare);
  if (scheme) return ["http", "https", "mailto", "tel"].includes(scheme[1].toLowerCase());
  return bare !== "" && !/^[/\\]{2}/.test(bare) && !bare.startsWith("\\");
}

export const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ href: { default: null }, title: { default: null } }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (element) => safeAddress(element.getAttribute("href")) && null }],
  renderHTML: ({ HTMLAttributes }) => ["a", { ...HTMLAttributes, rel: "noopener noreferrer" }, 0],
});

/** A picture in the text. Its file is an attachment; the address is the attachment's. */
export const Image = Node.create({
  name: "image",
  group: "inline",
  inline: true,
  draggable: true,
  addAttributes: () => ({
    src: { default: null },
    alt: { default: "", renderHTML: ({ alt }) => ({ alt: alt ?? "" }) },
    title: { default: null },
    width: { default: null },
    height: { default: null },
  }),
  parseHTML: () => [{ tag: "img[src]" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
});

