// Who else is editing: says where we are every 15 s while the page is looked at, and names the others.
import { notice } from "./page.js";

const EVERY = 15_000;

export class Presence {
  constructor({ url, headers, place, show, t }) {
    Object.assign(this, { url, headers, place, show, t });
    this.names = "";
    this.timer = setInterval(() => this.beat(), EVERY);
    this.wake = () => this.beat();
    window.addEventListener("focus", this.wake);
    this.beat();
  }

  async beat() {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    try {
      const response = await fetch(this.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { ...this.headers(), "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ place: this.place() }),
      });
      if (response.ok && !this.stopped) this.tell((await response.json()).others ?? []);
    } catch {
      // Not knowing who else is here stops nobody from writing; the save tells about trouble.
    }
  }

  tell(others) {
    const lines = others.map(({ name, place }) => this.t(place ? "presence_title_place" : "presence_title", { name, place }));
    const said = lines.join(" ");
    if (said === this.names) return;
    this.names = said;
    this.show(said ? notice({ title: said, text: this.t("presence_text"), sign: "users" }) : null, said);
  }

  stop() {
    this.stopped = true;
    clearInterval(this.timer);
    window.removeEventListener("focus", this.wake);
  }
}
