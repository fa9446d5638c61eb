// What a BPMN file holds, by tag: to find out what an editor would drop before it is saved. Names are the file's own.
const MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const QUIET = new Set(["incoming", "outgoing", "definitions"]);

/** How often each element stands in the XML, and how many attributes all of them have. */
export function counts(xml, Parser = globalThis.DOMParser) {
  const found = new Map();
  const root = new Parser().parseFromString(xml, "text/xml").documentElement;
  const stack = root ? [root] : [];
  while (stack.length) {
    const element = stack.pop();
    if (element.namespaceURI !== MODEL || !QUIET.has(element.localName)) {
      found.set(element.localName, (found.get(element.localName) ?? 0) + 1);
    }
    stack.push(...element.children);
  }
  return found;
}

/** What there is less of afterwards: `[{name, before, after}]`. */
export function lost(before, after) {
  return [...before]
    .map(([name, n]) => ({ name, before: n, after: after.get(name) ?? 0 }))
    .filter((one) => one.after < one.before);
}
