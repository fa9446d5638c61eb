// <input type="file" multiple data-alone=".zip .jsonl" data-alone-words="…">: what must be chosen alone is said as soon
// as files are chosen. Without script the server says the same when they are sent.
function check(field, words) {
  const names = [...field.files].map(file => file.name.toLowerCase());
  const endings = field.dataset.alone.split(" ");
  const wrong = names.length > 1 && names.some(name => endings.some(ending => name.endsWith(ending)));
  words.textContent = wrong ? field.dataset.aloneWords : "";
  field.setAttribute("aria-invalid", String(wrong));
}

const known = new WeakSet();
export function start() {
  for (const field of document.querySelectorAll("[data-alone]")) {
    if (known.has(field)) continue;
    known.add(field);
    const words = Object.assign(document.createElement("div"), { className: "field__error", id: `${field.id}_alone` });
    words.setAttribute("role", "alert");
    field.before(words);
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${words.id}`.trim());
    field.addEventListener("change", () => check(field, words));
    check(field, words);
  }
}
