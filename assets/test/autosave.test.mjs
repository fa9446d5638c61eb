import assert from "node:assert/strict";
import { test } from "node:test";
import { Autosave, DeviceCopy } from "../src/autosave.js";

class Memory extends Map {
  getItem(name) { return this.get(name) ?? null; }
  setItem(name, value) { this.set(name, value); }
  removeItem(name) { this.delete(name); }
}

const json = (status, data) =>
  new Response(JSON.stringify(data), { status, headers: { "content-type": "application/json" } });

function draft(answers, body = "<p>one</p>") {
  const states = [];
  const sent = [];
  const copy = new DeviceCopy("/autosave/", new Memory());
  const text = { body };
  const save = new Autosave({
    url: "/autosave/", rowVersion: 12, read: () => ({ ...text }), headers: () => ({ "X-CSRFToken": "t" }), copy,
    show: (state, detail) => states.push([state, detail]),
    fetch: async (_url, options) => {
      sent.push(JSON.parse(options.body));
      const answer = answers.shift();
      return typeof answer === "function" ? answer() : answer;
    },
  });
  return { save, states, sent, copy, text };
}

test("a save sends the row version it read and goes on from the one it got", async () => {
  const { save, states, sent, copy } = draft([json(200, { row_version: 13 }), json(200, { row_version: 14 })]);
  save.touch();
  await save.save();
  save.touch();
  await save.save();
  assert.deepEqual(sent.map((body) => body.row_version), [12, 13]);
  assert.equal(states.at(-1)[0], "saved");
  assert.equal(copy.read(), null);
  save.stop();
});

test("nothing typed means nothing sent", async () => {
  const { save, sent } = draft([]);
  await save.save();
  assert.equal(sent.length, 0);
});

test("what was typed during a save is still unsaved after it", async () => {
  const { save, text, states, sent, copy } = draft([
    () => { text.body = "<p>two</p>"; save.touch(); return json(200, { row_version: 13 }); },
    json(200, { row_version: 14 }),
  ]);
  save.touch();
  await save.save();
  assert.equal(save.dirty, true);
  assert.equal(copy.read().body, "<p>two</p>");
  await save.save();
  assert.equal(sent[1].body, "<p>two</p>");
  assert.equal(sent[1].row_version, 13);
  assert.equal(states.at(-1)[0], "saved");
  save.stop();
});

test("two saves at once become one after the other", async () => {
  const { save, sent } = draft([json(200, { row_version: 13 }), json(200, { row_version: 14 })]);
  save.touch();
  const first = save.save();
  const second = save.save();
  await Promise.all([first, second]);
  assert.deepEqual(sent.map((body) => body.row_version), [12]);
  save.stop();
});

test("a conflict stops saving and keeps the text on the device until it is resolved", async () => {
  const { save, states, sent, copy } = draft([json(409, { row_version: 15, body: "<p>theirs</p>" }), json(200, { row_version: 16 })]);
  save.touch();
  await save.save();
  assert.equal(states.at(-1)[0], "conflict");
  save.touch();
  await save.save();
  assert.equal(sent.length, 1);
  assert.equal(copy.read().body, "<p>one</p>");
  await save.resolve(15, { save: true });
  assert.equal(sent[1].row_version, 15);
  assert.equal(copy.read(), null);
  save.stop();
});

for (const [name, answer, state] of [
  ["no network", () => { throw new TypeError("offline"); }, "kept"],
  ["a server error", json(500, {}), "kept"],
  ["too many requests", json(429, {}), "kept"],
  ["a refused text", json(422, { errors: { body: ["Too long"] } }), "invalid"],
  ["an ended session", json(403, {}), "signin"],
  ["a version closed meanwhile", json(409, { errors: ["This version is not open for editing any more."] }), "invalid"],
  ["a right taken away", json(403, { errors: ["You may not change this document."] }), "invalid"],
  ["a sign-in page instead of an answer", new Response("<form>", { status: 200, headers: { "content-type": "text/html" } }), "signin"],
]) {
  test(`${name} keeps the text on the device and says so (${state})`, async () => {
    const { save, states, copy } = draft([answer]);
    save.touch();
    await save.save();
    assert.equal(states.at(-1)[0], state);
    assert.equal(copy.read().body, "<p>one</p>");
    assert.equal(copy.read().row_version, 12);
    assert.equal(save.dirty, true);
    save.stop();
  });
}

test("a storage that refuses does not stop saving", async () => {
  const { save, states } = draft([json(200, { row_version: 13 })]);
  save.copy = new DeviceCopy("/x/", { getItem() { throw new Error(); }, setItem() { throw new Error(); }, removeItem() { throw new Error(); } });
  save.touch();
  await save.save();
  assert.equal(states.at(-1)[0], "saved");
  save.stop();
});
