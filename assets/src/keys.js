// Step keys: what other records point at inside a procedure. A key stays with its step for good.

const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"; // no l, o, i, 0, 1: keys are read aloud sometimes

const randomBytes = (n) => crypto.getRandomValues(new Uint8Array(n));

/** A key nobody in `taken` has: "s-" and eight characters. */
export function freshKey(taken = new Set(), random = randomBytes) {
  for (;;) {
    const key = "s-" + [...random(8)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
    if (!taken.has(key)) return key;
  }
}

/**
 * Which steps need another key, and which one.
 *
 * `steps` is the document order as it is now: `{key, settled}`, where `settled` says that this very step held this
 * key before the change. Of several steps with one key the settled one keeps it (a pasted copy may stand before its
 * original), else the first. Returns `Map(index → new key)`.
 */
export function resolveKeys(steps, random = randomBytes) {
  const keepers = new Map();
  steps.forEach(({ key, settled }, index) => {
    if (!key) return;
    const keeper = keepers.get(key);
    if (keeper === undefined || (settled && !steps[keeper].settled)) keepers.set(key, index);
  });
  const taken = new Set(keepers.keys());
  const changes = new Map();
  steps.forEach(({ key }, index) => {
    if (key && keepers.get(key) === index) return;
    const next = freshKey(taken, random);
    taken.add(next);
    changes.set(index, next);
  });
  return changes;
}
