// Saving while people write: to the server 2 s after typing stops, and to this device until the server has it.

export const RETRY_SECONDS = [5, 15, 30, 60];

/** Texts kept in this browser, one per address. A full or forbidden storage loses nothing but the safety copy. */
export class DeviceCopy {
  constructor(address, storage = globalThis.localStorage) {
    this.name = `procedure-editor:${address}`;
    this.storage = storage;
  }

  read(part = "draft") {
    try {
      return JSON.parse(this.storage.getItem(`${this.name}:${part}`));
    } catch {
      return null;
    }
  }

  write(value, part = "draft") {
    try {
      this.storage.setItem(`${this.name}:${part}`, JSON.stringify({ ...value, at: new Date().toISOString() }));
      return true;
    } catch {
      return false;
    }
  }

  forget(part = "draft") {
    try {
      this.storage.removeItem(`${this.name}:${part}`);
    } catch {
      // Nothing was kept, so nothing is left behind.
    }
  }
}

/** Read the answer as JSON; a page instead of JSON is the sign-in form we were sent to. */
async function readAnswer(response) {
  const json = (response.headers.get("content-type") ?? "").includes("json");
  if (!json && response.ok) return { status: 401, data: {} };
  try {
    return { status: response.status, data: json ? await response.json() : {} };
  } catch {
    return { status: 502, data: {} };
  }
}

/**
 * One draft being saved. `read()` gives `{body, title?}`, `show(state, detail)` tells the page, with the states
 * "unsaved", "saving", "saved", "kept" (network or server trouble, tried again), "signin", "invalid", "conflict".
 */
export class Autosave {
  constructor({ url, rowVersion, read, show, headers, copy, delay = 2000, fetch = globalThis.fetch.bind(globalThis) }) {
    Object.assign(this, { url, rowVersion, read, show, headers, copy, delay, fetch });
    this.dirty = false;
    this.paused = false;
    this.failures = 0;
    this.running = null;
    this.edits = 0;
  }

  /** Something was typed. */
  touch() {
    this.dirty = true;
    this.edits += 1;
    if (this.paused) return;
    if (!this.running) this.show("unsaved");
    this.schedule(this.delay);
  }

  schedule(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  keep() {
    return this.copy.write({ ...this.read(), row_version: this.rowVersion });
  }

  /** Save now; waits for a running save first, so that one person never conflicts with themself. */
  async save() {
    clearTimeout(this.timer);
    if (this.running) {
      await this.running;
      return this.dirty && !this.paused ? this.save() : undefined;
    }
    if (!this.dirty || this.paused) return undefined;
    this.running = this.send().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async send() {
    const edits = this.edits;
    const draft = this.read();
    this.keep();
    this.show("saving");
    let answer;
    try {
      const response = await this.fetch(this.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { ...this.headers(), "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ ...draft, row_version: this.rowVersion }),
      });
      answer = await readAnswer(response);
    } catch {
      answer = { status: 0, data: {} };
    }
    this.settle(answer, edits);
  }

  settle({ status, data }, edits) {
    if (status === 200) return this.saved(data, edits);
    this.keep();
    if (status === 409 && typeof data.body === "string") {
      this.paused = true;
      return this.show("conflict", data);
    }
    // A refusal with reasons is about the text or the right to change it; without, the session has ended.
    if ((status === 401 || status === 403) && !data.errors) return this.show("signin", data);
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
      return this.show("invalid", { status, ...data });
    }
    const wait = RETRY_SECONDS[Math.min(this.failures, RETRY_SECONDS.length - 1)];
    this.failures += 1;
    this.schedule(wait * 1000);
    return this.show("kept", { status, wait });
  }

  saved(data, edits) {
    this.rowVersion = data.row_version;
    this.failures = 0;
    if (edits === this.edits) {
      this.dirty = false;
      this.copy.forget();
      return this.show("saved", data);
    }
    this.keep();
    this.show("saved", { ...data, more: true });
    this.schedule(this.delay);
    return undefined;
  }

  /** After a conflict: go on from their row version, with the text the editor holds now. */
  resolve(rowVersion, { save }) {
    this.rowVersion = rowVersion;
    this.paused = false;
    this.dirty = save;
    if (save) return this.save();
    this.copy.forget();
    this.show("saved", {});
    return undefined;
  }

  stop() {
    clearTimeout(this.timer);
    this.paused = true;
  }
}
