// “?” shows the keys; the page it is taken from works without script as well.
import { open } from "./dialogs.js";

export async function show() {
  let dialog = document.getElementById("keys");
  if (!dialog) {
    const link = document.querySelector("[data-keys-help]");
    if (!link) return;
    const page = new DOMParser().parseFromString(await (await fetch(link.href)).text(), "text/html");
    dialog = document.importNode(page.getElementById("keys"), true);
    document.body.append(dialog);
    const box = dialog.querySelector("[data-single-keys]");
    box.closest("[hidden]")?.removeAttribute("hidden");
    try { box.checked = localStorage.getItem("single-keys") !== "off" } catch { /* kept for this page only */ }
    box.addEventListener("change", () => { try { localStorage.setItem("single-keys", box.checked ? "on" : "off") } catch { /* as above */ } });
  }
  dialog.removeAttribute("open");
  open(dialog, document.activeElement);
}
