// Short questions about the text: an address, a picture, the size of a table. Native <dialog>, focus returns to the text.
import { icon } from "./icons.js";
import { button, el } from "./page.js";

let count = 0;

/** A labelled input: {field, input, fail(message)}. */
export function field({ label, hint, type = "text", ...attributes }) {
  const id = `editor-field-${(count += 1)}`;
  const input = el("input", { class: "input", id, type, "aria-describedby": hint ? `${id}-hint` : null, ...attributes });
  const error = el("p", { class: "field__error", id: `${id}-error`, hidden: true });
  const box = el("div", { class: "field" },
    el("label", { class: "field__label", for: id }, label),
    hint ? el("p", { class: "field__hint", id: `${id}-hint` }, hint) : null, error, input);
  const fail = (message) => {
    error.textContent = message;
    error.hidden = !message;
    box.classList.toggle("field--error", Boolean(message));
    input.setAttribute("aria-invalid", String(Boolean(message)));
    input.setAttribute("aria-describedby", [hint && `${id}-hint`, message && `${id}-error`].filter(Boolean).join(" "));
    if (message) input.focus();
  };
  return { box, input, fail };
}

/**
 * Opens a dialog and answers a promise: what `save()` returned, or null when it was closed. `save` may answer false to
 * keep the dialog open, and may be async.
 */
export function dialog({ title, body, saveLabel, save, t, more = [] }) {
  return new Promise((resolve) => {
    const id = `editor-dialog-${(count += 1)}`;
    const opener = document.activeElement;
    let answer = null;
    const close = () => box.close();
    const submit = el("button", { type: "submit", class: "btn btn--primary" }, saveLabel);
    const extra = more.map(({ label, value }) => button(label, () => { answer = value; close(); }));
    const form = el("form", { method: "dialog", novalidate: true },
      el("div", { class: "dialog__body" }, ...body),
      el("div", { class: "dialog__foot" }, ...extra, button(t("cancel"), close), submit));
    const box = el("dialog", { class: "dialog editor-dialog", "aria-labelledby": id },
      el("div", { class: "dialog__head" }, el("h2", { id }, title),
        el("button", { type: "button", class: "btn btn--icon btn--plain", "aria-label": t("close"), title: t("close"), onclick: close }, icon("x"))),
      form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.setAttribute("aria-busy", "true");
      const result = await save();
      submit.removeAttribute("aria-busy");
      if (result === false) return;
      answer = result;
      close();
    });
    box.addEventListener("close", () => {
      box.remove();
      opener?.focus?.();
      resolve(answer);
    });
    document.body.append(box);
    box.showModal();
    form.querySelector("input")?.focus();
  });
}
