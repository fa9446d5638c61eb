// Texts kept on this device besides the draft itself: found on return, or set aside in a conflict. Each is offered until discarded.
import { button, moment, notice } from "./page.js";

const MOST = 5;

export class Offers {
  /** `show(name, element)` puts a notice into the page or takes it away; `use(item)` brings a text back. */
  constructor({ copy, t, show, use }) {
    Object.assign(this, { copy, t, show, use });
    this.items = copy.read("set-aside")?.items ?? [];
    this.items.forEach((item) => this.offer(item));
  }

  /** Set a text aside: kind "found", "mine" or "theirs". */
  add(item) {
    const whole = { ...item, id: `${Date.now()}-${this.items.length}`, at: item.at ?? new Date().toISOString() };
    for (const old of this.items.slice(0, Math.max(0, this.items.length + 1 - MOST))) this.discard(old);
    this.items.push(whole);
    this.store();
    this.offer(whole);
  }

  discard(item) {
    this.items = this.items.filter((other) => other.id !== item.id);
    this.store();
    this.show(`offer-${item.id}`, null);
  }

  store() {
    if (this.items.length) this.copy.write({ items: this.items }, "set-aside");
    else this.copy.forget("set-aside");
  }

  offer(item) {
    const { t } = this;
    const found = item.kind === "found";
    const copyButton = button(t("kept_copy"), async () => {
      await copyText(item.body);
      copyButton.textContent = t("kept_copied");
    }, { variant: "btn--small" });
    this.show(`offer-${item.id}`, notice({
      title: found ? t("found_title") : t(`kept_${item.kind}_title`, { by: item.by || t("conflict_unknown") }),
      text: found ? t("found_text", { time: moment(item.at) }) : null,
      sign: "cloud-off",
      kind: found ? "wait" : "note",
      moves: [
        button(t(found ? "found_use" : "kept_restore"), () => { this.discard(item); this.use(item); }, { variant: "btn--small" }),
        copyButton,
        button(t(found ? "found_discard" : "kept_discard"), () => this.discard(item), { variant: "btn--small" }),
      ],
    }));
  }
}

/** As words and as formatted text, so that it can go into a letter as well as back into an editor. */
async function copyText(html) {
  const words = new DOMParser().parseFromString(html, "text/html").body.textContent;
  try {
    await navigator.clipboard.write([new ClipboardItem({
      "text/html": new Blob([html], { type: "text/html" }), "text/plain": new Blob([words], { type: "text/plain" }),
    })]);
  } catch {
    await navigator.clipboard?.writeText(words); // browsers without ClipboardItem
  }
}
