// Leaving a form with something typed asks first; sending it does not.
// What was typed before this file came, or given back by the browser, counts too.
const typed = field => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  const options = [...field.options ?? []];
  if (options.some(one => one.defaultSelected)) return options.some(one => one.selected !== one.defaultSelected);
  if (field.type === "hidden" || field.type === "password") return false;  // a password may come from the browser's own store
  return "defaultValue" in field && field.value !== field.defaultValue;
};

export function start() {
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let changed = [...form.elements].some(typed), sent = false;
    form.addEventListener("input", () => { changed = true });
    form.addEventListener("submit", () => { sent = true });
    form.addEventListener("saved", () => { changed = false });
    addEventListener("beforeunload", e => { if (changed && !sent) e.preventDefault() });
    addEventListener("pageshow", () => { sent = false });
  }
}
