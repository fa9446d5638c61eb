import assert from "node:assert/strict";
import { test } from "node:test";
import { freshKey, resolveKeys } from "../src/keys.js";

test("a fresh key avoids those that are taken", () => {
  const bytes = [new Uint8Array(8), new Uint8Array(8).fill(1)];
  assert.equal(freshKey(new Set(["s-aaaaaaaa"]), () => bytes.shift()), "s-bbbbbbbb");
});

test("a thousand keys are a thousand different keys, fit for an attribute", () => {
  const taken = new Set();
  for (let i = 0; i < 1000; i += 1) taken.add(freshKey(taken));
  assert.equal(taken.size, 1000);
  for (const key of taken) assert.match(key, /^s-[a-z2-9]{8}$/);
});

test("steps with their own keys are left alone", () => {
  assert.equal(resolveKeys([{ key: "a", settled: true }, { key: "b", settled: false }]).size, 0);
});

test("a step without a key gets one", () => {
  const changes = resolveKeys([{ key: "a", settled: true }, { key: null, settled: false }]);
  assert.deepEqual([...changes.keys()], [1]);
});

test("a copy pasted before its original gets the new key, the original keeps its own", () => {
  const changes = resolveKeys([{ key: "a", settled: false }, { key: "a", settled: true }]);
  assert.deepEqual([...changes.keys()], [0]);
});

test("of two copies that are both new the first keeps the key", () => {
  const changes = resolveKeys([{ key: "a", settled: false }, { key: "a", settled: false }, { key: "a", settled: false }]);
  assert.deepEqual([...changes.keys()], [1, 2]);
  assert.equal(new Set(changes.values()).size, 2);
});
