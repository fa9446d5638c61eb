// Would the editor lose anything of this text? Both forms are read as a row of tokens and compared.
import { toDocument, toHtml } from "./serialise.js";

const SAME = { b: "strong", i: "em", strike: "s", del: "s", ins: "u", h1: "h2" };
const INLINE = new Set("strong em s u code kbd sub sup a span small mark abbr q cite dfn var samp time bdi bdo font big tt".split(" "));
const UNSEEN = new Set(["thead", "tbody", "colgroup", "col"]);
const ATTRIBUTES = ["class", "data-step", "colspan", "rowspan", "scope", "start", "type", "href", "src", "alt", "title", "width", "height"];
const DEFAULTS = { colspan: "1", rowspan: "1", start: "1", alt: "" };

const attributes = (element) =>
  ATTRIBUTES.filter((name) => element.hasAttribute(name) && element.getAttribute(name) !== (DEFAULTS[name] ?? null))
    .map((name) => ` ${name}=${element.getAttribute(name).trim()}`)
    .join("");

/** The tokens of some HTML: tags, and text with its marks. Harmless differences of writing give the same tokens. */
export function tokensOf(html) {
  const tokens = [];
  walk(new DOMParser().parseFromString(html, "text/html").body, [], tokens, false);
  return tidy(tokens);
}

function walk(parent, marks, tokens, verbatim) {
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = verbatim ? node.data : node.data.replace(/[ \t\r\n\f]+/g, " ");
      if (text) tokens.push({ text, marks: [...new Set(marks)].sort().join() });
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      visit(node, marks, tokens, verbatim);
    }
  }
}

function visit(element, marks, tokens, verbatim) {
  const tag = SAME[element.localName] ?? element.localName;
  const name = tag + attributes(element);
  if (UNSEEN.has(tag)) {
    walk(element, marks, tokens, verbatim);
  } else if (INLINE.has(tag)) {
    const inCodeBlock = tag === "code" && verbatim;
    walk(element, inCodeBlock || (tag === "span" && name === tag) ? marks : [...marks, name], tokens, verbatim);
  } else if (tag === "br" || tag === "img" || tag === "hr") {
    tokens.push({ tag: name, inline: tag !== "hr", marks: tag === "img" ? [...marks].sort().join() : "" });
  } else {
    const paragraph = name === "p";
    tokens.push(paragraph ? { line: true } : { tag: name });
    walk(element, marks, tokens, verbatim || tag === "pre");
    tokens.push(paragraph ? { line: true } : { tag: `/${tag}` });
  }
}

const isBlock = (token) => !token || token.line || (token.tag && !token.inline);

function tidy(raw) {
  const merged = [];
  for (const token of raw) {
    const last = merged.at(-1);
    if (token.text && last?.text && last.marks === token.marks) last.text += token.text;
    else merged.push({ ...token });
  }
  const trimmed = merged
    .map((token, i) => {
      if (!token.text) return token;
      let { text } = token;
      if (isBlock(merged[i - 1]) || merged[i - 1].text?.endsWith(" ")) text = text.replace(/^ +/, "");
      if (isBlock(merged[i + 1])) text = text.replace(/ +$/, "");
      return { ...token, text };
    })
    .filter((token) => token.text !== "");
  // A paragraph's edge says something only between two lines of text.
  const lines = trimmed.filter((token, i) => !token.line || !isBlock(trimmed[i - 1]));
  return lines
    .filter((token, i) => !token.line || (lines[i + 1] && !isBlock(lines[i + 1])))
    .map((token) => (token.line ? "¶" : token.tag ? `<${token.tag}>${token.marks ?? ""}` : `${token.marks}|${token.text}`));
}

/** The names of what would be lost, for people: ["<figure>", "“The seal number”"]; empty when nothing would. */
export function losses(schema, html) {
  const before = tokensOf(html);
  const after = tokensOf(toHtml(schema, toDocument(schema, html)));
  if (before.length === after.length && before.every((token, i) => token === after[i])) return [];
  const counts = new Map();
  for (const token of after) counts.set(token, (counts.get(token) ?? 0) + 1);
  const lost = new Set();
  for (const token of before) {
    const left = counts.get(token) ?? 0;
    counts.set(token, left - 1);
    if (left <= 0 && token !== "¶" && !token.startsWith("</")) lost.add(named(token));
  }
  return lost.size ? [...lost].slice(0, 5) : ["…"];
}

function named(token) {
  const [, tag] = /^<([\w-]+)/.exec(token) ?? [];
  if (tag) return `<${tag}>`;
  const text = token.slice(token.indexOf("|") + 1);
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
}
