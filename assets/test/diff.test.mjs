import assert from "node:assert/strict";
import { test } from "node:test";
import { alignUnits, mergeUnits, wordMarks } from "../src/diff.js";

const p = (text) => ({ html: `<p>${text}</p>`, text });
const step = (key, text) => ({ html: `<li class="step" data-step="${key}"><p>${text}</p></li>`, text, key, wrap: "steps" });
const kinds = (rows) => rows.map((row) => row.kind);
const only = (runs) => runs.filter((run) => run.only).map((run) => run.text.trim());

test("equal texts are one row each", () => {
  assert.deepEqual(kinds(alignUnits([p("one"), p("two")], [p("one"), p("two")])), ["same", "same"]);
});

test("an edited block is one row, an added block stands alone on its side", () => {
  const rows = alignUnits(
    [p("Scan the booking barcode"), p("Read the seal number aloud"), p("Mine only here")],
    [p("Scan the booking barcode"), p("Something quite different"), p("Read the seal number twice")],
  );
  assert.deepEqual(kinds(rows), ["same", "theirs", "edit", "mine"]);
});

test("a step is recognised by its key although every word changed", () => {
  const rows = alignUnits([step("s-1", "alpha beta")], [step("s-1", "gamma delta")]);
  assert.deepEqual(kinds(rows), ["edit"]);
});

test("each row of both texts appears exactly once, in order", () => {
  const mine = ["a b c", "d e f", "x y z", "k l m"].map(p);
  const theirs = ["d e g", "new words here", "a b c", "x y z"].map(p);
  const rows = alignUnits(mine, theirs);
  assert.deepEqual(rows.map((row) => row.mine).filter(Boolean), mine);
  assert.deepEqual(rows.map((row) => row.theirs).filter(Boolean), theirs);
});

test("words that only one side has are marked on that side", () => {
  const marks = wordMarks("move within 20 minutes then call", "move within 15 minutes then call the lead");
  assert.deepEqual(only(marks.mine), ["20"]);
  assert.deepEqual(only(marks.theirs), ["15", "the lead"]);
  assert.equal(marks.mine.map((run) => run.text).join(""), "move within 20 minutes then call");
});

test("merging takes the side chosen for each row and keeps steps in one list", () => {
  const rows = alignUnits(
    [p("intro"), step("s-1", "one two three"), step("s-2", "four")],
    [p("intro"), step("s-1", "one two changed"), step("s-2", "four")],
  );
  assert.equal(
    mergeUnits(rows, ["mine", "theirs", "mine"]),
    '<p>intro</p><ol class="steps"><li class="step" data-step="s-1"><p>one two changed</p></li>' +
      '<li class="step" data-step="s-2"><p>four</p></li></ol>',
  );
});

test("both texts of one step become two steps and only one keeps the key", () => {
  const rows = alignUnits([step("s-1", "one two")], [step("s-1", "one three")]);
  const merged = mergeUnits(rows, ["both"]);
  assert.equal(merged.match(/data-step=/g).length, 1);
  assert.ok(merged.includes("one two") && merged.includes("one three"));
});

test("very long texts are answered quickly", () => {
  const long = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(" ");
  const started = performance.now();
  wordMarks(long, long.split(" ").reverse().join(" "));
  assert.ok(performance.now() - started < 2000);
});
