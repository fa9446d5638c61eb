// HTML in and out: what the editor writes is what the server's sanitiser lets through unchanged.
import { DOMParser as ModelParser, DOMSerializer } from "@tiptap/pm/model";
import { makeLists } from "./word.js";

const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;

/** The document model of some HTML. */
export const toDocument = (schema, html) => ModelParser.fromSchema(schema).parse(parse(html));

/** The HTML of a document model: plain list items and cells, table heads, no traces of editing. */
export function toHtml(schema, doc) {
  const out = document.createElement("div");
  out.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  const rows = [];
  doc.descendants((node) => {
    if (node.type.name === "tableRow") rows.push(node.attrs.part);
    return !node.isTextblock;
  });
  out.querySelectorAll("tr").forEach((row, index) => {
    row.part_of = rows[index];
  });
  out.querySelectorAll("table").forEach(arrangeRows);
  out.querySelectorAll("[contenteditable]").forEach((element) => element.removeAttribute("contenteditable"));
  out.querySelectorAll("li, td, th").forEach(unwrapParagraph);
  return out.innerHTML;
}

/** Rows back into head, body and foot; a first row of header cells is the head. */
function arrangeRows(table) {
  const body = table.querySelector(":scope > tbody");
  if (!body) return;
  const rows = [...body.children];
  let leading = true;
  let section = null;
  for (const row of rows) {
    const headers = [...row.cells].every((cell) => cell.tagName === "TH");
    const head = leading && (row.part_of === "thead" || (headers && row === rows[0]));
    leading = head;
    const name = head ? "thead" : row.part_of === "tfoot" ? "tfoot" : "tbody";
    if (section?.tagName.toLowerCase() !== name) section = table.appendChild(document.createElement(name));
    section.append(row);
  }
  body.remove();
}

/** <li><p>words</p></li> is <li>words</li>, also before an inner list. */
function unwrapParagraph(element) {
  if (element.classList.contains("step")) return;
  const [first, ...rest] = element.children;
  const inner = element.tagName === "LI" ? ["UL", "OL"] : [];
  if (first?.tagName === "P" && rest.every((child) => inner.includes(child.tagName))) first.replaceWith(...first.childNodes);
}

/** The blocks two texts are compared by; each step is a block of its own. */
export function unitsOf(html) {
  return [...parse(html).children].flatMap((block) =>
    block.matches("ol.steps")
      ? [...block.children].map((item) => unit(item, { wrap: "steps", key: item.dataset.step }))
      : [unit(block)],
  );
}

const unit = (element, more = {}) => ({ html: element.outerHTML, text: readable(element), ...more });

/** The words of a block, a line for each block inside it. */
function readable(element) {
  const copy = element.cloneNode(true);
  for (const item of copy.querySelectorAll("li")) item.prepend("– ");
  for (const cell of copy.querySelectorAll("td + td, th + td, th + th")) cell.prepend(" | ");
  for (const image of copy.querySelectorAll("img")) image.replaceWith(`[${image.alt || image.getAttribute("src")}]`);
  for (const block of copy.querySelectorAll("p, h2, h3, h4, h5, h6, li, tr, pre, br, div, caption")) {
    block.before("\n");
    block.after("\n");
  }
  return copy.textContent.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
}

const OURS = "ol.steps, li.step, div.caution, div.note, aside.caution, aside.note, section.step";

// Merely parsing an inline style or handler makes the content policy report it, so they are renamed first.
const inert = (html) =>
  html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/([\s/"'])(style|on[a-z]+)(?=\s*=)/gi, "$1data-pasted-$2"));

/** Bold and italic that came as style, as word processors in the browser write them. */
function keepEmphasis(element) {
  const style = element.getAttribute("data-pasted-style") ?? "";
  const marks = [/font-weight:\s*(?:bold|[6-9]00)/i.test(style) && "strong", /font-style:\s*italic/i.test(style) && "em"];
  for (const mark of marks.filter(Boolean)) {
    if (element.matches("strong, b, em, i, h1, h2, h3, h4, h5, h6, th") || element.querySelector("p, div, li, table")) continue;
    const wrapper = document.createElement(mark);
    wrapper.append(...element.childNodes);
    element.append(wrapper);
  }
  if (/font-weight:\s*(?:normal|400)/i.test(style) && element.matches("b, strong")) element.replaceWith(...element.childNodes);
}

/** Pasted HTML without the page it came from: no styles, no ids, no empty boxes, no foreign pictures. */
export function cleanPaste(html) {
  if (html.includes("data-pm-slice")) return { html: inert(html), pictures: 0 };
  const body = parse(inert(html));
  body.querySelectorAll("script, style, template, noscript, iframe, object, title, meta, link").forEach((part) => part.remove());
  makeLists(body);
  let pictures = 0;
  for (const image of body.querySelectorAll("img")) {
    if (!image.getAttribute("src")?.startsWith("/attachments/")) {
      image.remove();
      pictures += 1;
    }
  }
  body.querySelectorAll("[data-pasted-style]").forEach(keepEmphasis);
  for (const element of body.querySelectorAll("*")) {
    if (!element.matches(OURS)) element.removeAttribute("class");
    for (const { name } of [...element.attributes]) {
      if (name === "id" || name.startsWith("data-pasted-")) element.removeAttribute(name);
    }
  }
  unwrapBoxes(body);
  return { html: body.innerHTML, pictures };
}

function unwrapBoxes(body) {
  for (const box of body.querySelectorAll("div, section, article, main, header, footer, aside, center, figure")) {
    if (box.matches(OURS)) continue;
    const blocks = box.querySelector("p, div, ul, ol, table, pre, blockquote, h1, h2, h3, h4, h5, h6, section, article, figure");
    const plain = document.createElement("p");
    plain.append(...(blocks ? [] : box.childNodes));
    box.replaceWith(...(blocks ? box.childNodes : [plain]));
  }
}
