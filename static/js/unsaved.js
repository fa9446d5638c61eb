// Leaving a form with something typed asks first; sending it does not.
export function start() {
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let changed = false, sent = false;
    form.addEventListener("input", () => { changed = true });
    form.addEventListener("submit", () => { sent = true });
    form.addEventListener("saved", () => { changed = false });
    addEventListener("beforeunload", e => { if (changed && !sent) e.preventDefault() });
    addEventListener("pageshow", () => { sent = false });
  }
}
