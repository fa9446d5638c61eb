import assert from "node:assert/strict";
import test from "node:test";
import { counts, lost } from "../src/modeler-counts.js";

const MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const node = (localName, children = [], namespaceURI = MODEL) => ({ localName, namespaceURI, children });

class Parser {
  parseFromString(tree) {
    return { documentElement: tree };
  }
}

test("what an editor drops is named with both numbers", () => {
  const before = counts(node("definitions", [node("task", [node("incoming")]), node("task"), node("note", [], "urn:x")]), Parser);
  const after = counts(node("definitions", [node("task")]), Parser);
  const found = Object.fromEntries(lost(before, after).map(({ name, before: had, after: has }) => [name, [had, has]]));
  assert.deepEqual(found, { note: [1, 0], task: [2, 1] });
});

test("what there is more of is no loss", () => {
  const one = counts(node("task"), Parser);
  const two = counts(node("task", [node("task")]), Parser);
  assert.deepEqual(lost(one, two), []);
});
