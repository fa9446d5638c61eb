// The line that says whether the text is safe: "Saved 12 seconds ago", "Saving", "Not saved, kept on this device".
import { icon } from "./icons.js";
import { clock, el } from "./page.js";

const SIGNS = { saved: "cloud", saving: "sync", unsaved: "pencil" };
const HOUR = 3_600_000;

export class SaveState {
  constructor({ element, t }) {
    this.t = t;
    this.words = el("span");
    this.sign = el("span", { class: "savestate__sign" });
    this.element = element ?? el("p", { class: "savestate" });
    this.element.removeAttribute("role"); // it counts seconds; what matters is announced when it happens
    if (!element) this.element.append(this.sign, this.words); // what the server wrote stands until there is news
  }

  show(state, words = null) {
    this.since = state === "saved" ? new Date() : null;
    this.element.dataset.state = state;
    if (!this.sign.isConnected) this.element.replaceChildren(this.sign, this.words);
    this.sign.replaceChildren(icon(SIGNS[state] ?? "cloud-off"));
    this.words.textContent = words ?? this.t(state === "saved" ? "saved_now" : state);
    clearInterval(this.timer);
    if (this.since) this.timer = setInterval(() => this.tick(), 1000);
  }

  tick() {
    const age = Date.now() - this.since;
    const seconds = Math.round(age / 1000);
    if (age >= HOUR) this.words.textContent = this.t("saved_at", { time: clock(this.since) });
    else if (seconds >= 120) this.words.textContent = this.t("saved_minutes", { n: Math.floor(seconds / 60) });
    else if (seconds >= 60) this.words.textContent = this.t("saved_minute");
    else if (seconds >= 5) this.words.textContent = this.t("saved_seconds", { n: seconds });
  }

  stop() {
    clearInterval(this.timer);
  }
}
