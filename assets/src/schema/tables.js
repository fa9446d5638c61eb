// Tables without inline styles or column widths; caption, head and foot survive.
import { Table as TiptapTable, TableCell as TiptapCell, TableHeader as TiptapHeader, TableRow as TiptapRow } from "@tiptap/extension-table";

const span = (name) => ({
  default: 1,
  parseHTML: (element) => Math.max(1, Number.parseInt(element.getAttribute(name), 10) || 1),
  renderHTML: (attributes) => (attributes[name] > 1 ? { [name]: attributes[name] } : {}),
});

const cellAttributes = () => ({
  colspan: span("colspan"),
  rowspan: span("rowspan"),
  colwidth: { default: null, rendered: false, parseHTML: () => null }, // the table plugin wants the attribute to exist
});

export const TableCell = TiptapCell.extend({ addAttributes: cellAttributes });

export const TableHeader = TiptapHeader.extend({
  addAttributes: () => ({ ...cellAttributes(), scope: { default: null } }),
});

export const TableRow = TiptapRow.extend({
  addAttributes: () => ({
    part: {
      default: null,
      rendered: false,
      parseHTML: (element) => element.parentElement?.tagName.toLowerCase() ?? null,
    },
  }),
});

export const Table = TiptapTable.extend({
  addNodeView: () => null, // the library's own view sets widths as inline styles
  addAttributes: () => ({
    caption: {
      default: null,
      rendered: false,
      parseHTML: (element) => element.querySelector(":scope > caption")?.textContent.trim() || null,
    },
  }),
  parseHTML: () => [{ tag: "table" }, { tag: "caption", ignore: true }, { tag: "colgroup", ignore: true }],
  renderHTML: ({ node, HTMLAttributes }) =>
    node.attrs.caption
      ? ["table", HTMLAttributes, ["caption", { contenteditable: "false" }, node.attrs.caption], ["tbody", 0]]
      : ["table", HTMLAttributes, ["tbody", 0]],
}).configure({ resizable: false, HTMLAttributes: {} });
