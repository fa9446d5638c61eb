// Theme and rail: shown at once, kept by the server (account) or the cookie it sets (rail).
import { say } from "./say.js";

export function apply(form, button) {
  const root = document.documentElement, name = button.name, value = button.value;
  if (value === "auto" || value === "full") delete root.dataset[name];
  else root.dataset[name] = value;
  const body = new FormData(form, button);
  if (name === "theme") {
    form.querySelectorAll("[name=theme]").forEach(one => one.setAttribute("aria-pressed", String(one === button)));
  } else {
    button.setAttribute("aria-expanded", String(value !== "small"));
    button.value = value === "small" ? "full" : "small";
  }
  fetch(form.action, { method: "POST", body, redirect: "manual" })
    .then(answer => { if (answer.status >= 400) form.submit() }, () => say(document.title));
}
