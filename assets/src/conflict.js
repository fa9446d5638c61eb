// Somebody saved meanwhile: both texts side by side, block by block, the differing words marked, neither lost.
import { alignUnits, mergeUnits, wordMarks } from "./diff.js";
import { icon } from "./icons.js";
import { button, el, moment } from "./page.js";
import { unitsOf } from "./serialise.js";

let count = 0;

/** What is chosen at first: my words where both changed a block, and every block only one side has. */
const firstChoice = (row) => (row.kind === "theirs" ? "theirs" : "mine");

export class ConflictView {
  /** `{mine, theirs, titles: {mine, theirs}, by, at, t, keep(), take(), merge(html, {mineLeftOut, theirsLeftOut})}` */
  constructor({ mine, theirs, titles, by, at, t, keep, take, merge }) {
    this.t = t;
    this.rows = alignUnits(unitsOf(mine), unitsOf(theirs));
    this.choices = this.rows.map(firstChoice);
    const name = by || t("conflict_unknown");
    const differ = this.rows.filter((row) => row.kind !== "same").length;
    this.title = el("h2", { class: "notice__title", id: `conflict-${(count += 1)}`, tabindex: -1 }, t("conflict_title", { by: name }));
    this.element = el("section", { class: "conflict", "aria-labelledby": this.title.id },
      el("div", { class: "notice notice--late" }, icon("users"), this.title,
        el("p", {}, t("conflict_text", { time: moment(at) || "–" })),
        titles.theirs && titles.theirs !== titles.mine ? el("p", { class: "mid" }, t("conflict_titles", titles)) : null,
        el("p", { class: "mid" }, t("conflict_count", { n: differ })),
        el("div", { class: "notice__moves" },
          button(t("conflict_keep"), keep, { "data-move-name": "keep" }), button(t("conflict_take"), take, { "data-move-name": "take" }))),
      el("div", { class: "conflict__rows" }, ...this.blocks(name)),
      el("div", { class: "actionbar" },
        button(t("conflict_merge"), () => merge(this.merged(), this.leftOut()), { variant: "btn--primary", "data-move-name": "merge" }),
        el("p", { class: "hint" }, t("conflict_merge_hint"))));
  }

  merged() {
    return mergeUnits(this.rows, this.choices);
  }

  leftOut() {
    const lost = (side, other) => this.rows.some((row, i) => row.kind !== "same" && row[side] && this.choices[i] === other);
    return { mineLeftOut: lost("mine", "theirs"), theirsLeftOut: lost("theirs", "mine") };
  }

  focus() {
    this.title.focus();
  }

  *blocks(name) {
    let same = [];
    let number = 0;
    for (const [index, row] of this.rows.entries()) {
      if (row.kind === "same") {
        same.push(row.mine.text);
        continue;
      }
      if (same.length) yield this.quiet(same);
      same = [];
      yield this.differing(row, index, (number += 1), name);
    }
    if (same.length) yield this.quiet(same);
  }

  quiet(texts) {
    return el("details", { class: "conflict__same" }, el("summary", {}, this.t("conflict_same", { n: texts.length })),
      ...texts.map((text) => el("p", {}, text)));
  }

  differing(row, index, number, name) {
    const { t } = this;
    const marks = row.kind === "edit" ? wordMarks(row.mine.text, row.theirs.text) : null;
    const unmarked = marks && !marks.mine.some((run) => run.only) && !marks.theirs.some((run) => run.only);
    return el("div", { class: "conflict__row" },
      this.side(t("conflict_mine"), row.mine && (marks?.mine ?? [{ text: row.mine.text, only: true }])),
      this.side(`${t("conflict_theirs")} (${name})`, row.theirs && (marks?.theirs ?? [{ text: row.theirs.text, only: true }])),
      unmarked ? el("p", { class: "hint conflict__wide" }, t("conflict_same_words")) : null,
      this.choice(row, index, number));
  }

  side(whose, runs) {
    const text = runs
      ? el("p", { class: "conflict__text" }, ...runs.map(({ text: words, only }) => (only && words.trim() ? el("mark", { class: "mark" }, words) : words)))
      : el("p", { class: "conflict__text quiet" }, this.t("conflict_none"));
    return el("div", { class: "conflict__side" }, el("p", { class: "conflict__whose" }, whose), text);
  }

  choice(row, index, number) {
    const { t } = this;
    const options = {
      edit: { mine: "choose_mine", theirs: "choose_theirs", both: "choose_both" },
      mine: { mine: "choose_mine", theirs: "choose_without" },
      theirs: { theirs: "choose_theirs", mine: "choose_without" },
    }[row.kind];
    const name = `${this.title.id}-${index}`;
    const inputs = Object.entries(options).map(([value, label]) =>
      el("label", {}, el("input", {
        type: "radio", name, value, checked: this.choices[index] === value,
        onchange: () => { this.choices[index] = value; },
      }), t(label)));
    return el("fieldset", { class: "conflict__wide" }, el("legend", { class: "sr-only" }, t("conflict_choose", { n: number })),
      el("div", { class: "segment" }, ...inputs));
  }
}
