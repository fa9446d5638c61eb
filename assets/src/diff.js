// Two texts of one procedure beside each other: which blocks differ, and which words in them. Plain values, no DOM.
//
// A unit is one block of the document: {html, text, key?, wrap?}. `wrap` is "steps" for a step, whose html is the
// list item alone.

const MAX_CELLS = 4_000_000; // beyond this a block counts as wholly changed: the page must not freeze
const PAIR_FROM = 0.3; // below this share of common words two blocks are two blocks, not one edited

/** Pairs [i, j] of equal members in the longest common subsequence. */
export function commonPairs(a, b, same = (x, y) => x === y) {
  let start = 0;
  while (start < a.length && start < b.length && same(a[start], b[start])) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && same(a[endA - 1], b[endB - 1])) {
    endA -= 1;
    endB -= 1;
  }
  const pairs = Array.from({ length: start }, (_, i) => [i, i]);
  pairs.push(...middlePairs(a.slice(start, endA), b.slice(start, endB), (x, y) => (same(x, y) ? 1 : 0), start));
  for (let i = 0; endA + i < a.length; i += 1) pairs.push([endA + i, endB + i]);
  return pairs;
}

/** The pairs with the highest total weight that cross nowhere. */
function middlePairs(a, b, weight, offset = 0) {
  const columns = b.length + 1;
  if (!a.length || !b.length || (a.length + 1) * columns > MAX_CELLS) return [];
  const best = new Float64Array((a.length + 1) * columns);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const gain = weight(a[i], b[j]);
      const skip = Math.max(best[(i + 1) * columns + j], best[i * columns + j + 1]);
      best[i * columns + j] = gain > 0 ? Math.max(skip, gain + best[(i + 1) * columns + j + 1]) : skip;
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const here = best[i * columns + j];
    if (here === best[(i + 1) * columns + j]) i += 1;
    else if (here === best[i * columns + j + 1]) j += 1;
    else pairs.push([offset + i++, offset + j++]);
  }
  return pairs;
}

const words = (text) => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];

/** Share of common words, 0 to 1; a step is itself whatever its words. */
export function likeness(a, b) {
  if ((a.wrap ?? "") !== (b.wrap ?? "")) return 0;
  if (a.key && a.key === b.key) return 1;
  const left = new Set(a.text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  const right = new Set(b.text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  if (!left.size || !right.size) return left.size === right.size ? 1 : 0; // two pictures without words
  let common = 0;
  for (const word of left) if (right.has(word)) common += 1;
  const share = (2 * common) / (left.size + right.size);
  return share >= PAIR_FROM ? share : 0;
}

/** The rows of the conflict view: {kind: "same" | "edit" | "mine" | "theirs", mine?, theirs?} in reading order. */
export function alignUnits(mine, theirs) {
  const rows = [];
  let i = 0;
  let j = 0;
  const same = (a, b) => a.html === b.html && (a.wrap ?? "") === (b.wrap ?? "");
  for (const [nextI, nextJ] of [...commonPairs(mine, theirs, same), [mine.length, theirs.length]]) {
    const gap = middlePairs(mine.slice(i, nextI), theirs.slice(j, nextJ), likeness);
    for (const [di, dj] of [...gap.map(([x, y]) => [i + x, j + y]), [nextI, nextJ]]) {
      while (i < di) rows.push({ kind: "mine", mine: mine[i++] });
      while (j < dj) rows.push({ kind: "theirs", theirs: theirs[j++] });
      if (i < nextI && j < nextJ) rows.push({ kind: "edit", mine: mine[i++], theirs: theirs[j++] });
    }
    if (nextI < mine.length) rows.push({ kind: "same", mine: mine[i++], theirs: theirs[j++] });
  }
  return rows;
}

/** Word-level marking of two texts: for each side runs of {text, only}, `only` where the other side lacks them. */
export function wordMarks(mine, theirs) {
  const a = words(mine);
  const b = words(theirs);
  const pairs = commonPairs(a, b);
  return { mine: runs(a, new Set(pairs.map(([i]) => i))), theirs: runs(b, new Set(pairs.map(([, j]) => j))) };
}

function runs(tokens, common) {
  const out = [];
  tokens.forEach((token, index) => {
    const only = !common.has(index);
    const last = out.at(-1);
    if (last && last.only === only) last.text += token;
    else out.push({ text: token, only });
  });
  return out;
}

/** The merged text: for each row "mine", "theirs" or "both"; rows that are the same need no choice. */
export function mergeUnits(rows, choices) {
  const units = rows.flatMap((row, index) => {
    const choice = row.kind === "same" ? "mine" : choices[index];
    const picked = [choice !== "theirs" && row.mine, choice !== "mine" && row.theirs].filter(Boolean);
    // Both texts of one step are two steps: the second may not carry the first one's key.
    if (picked.length === 2 && picked[0].key && picked[0].key === picked[1].key) {
      picked[1] = { ...picked[1], html: picked[1].html.replace(/ data-step="[^"]*"/, "") };
    }
    return picked;
  });
  return units
    .map((unit, index) => {
      if (unit.wrap !== "steps") return unit.html;
      const open = units[index - 1]?.wrap === "steps" ? "" : '<ol class="steps">';
      return open + unit.html + (units[index + 1]?.wrap === "steps" ? "" : "</ol>");
    })
    .join("");
}
