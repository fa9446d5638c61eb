// Choosing rows: the box in the head takes all of this page, the bar says how many, Shift takes a range.
import { say } from "./say.js";

export function start() {
  for (const form of document.querySelectorAll("form[data-bulk]")) {
    const all = form.querySelector("thead input[type=checkbox]"), said = form.querySelector("[data-chosen]");
    const words = said?.dataset.chosen || "{n} chosen";
    const rows = () => [...form.querySelectorAll("tbody input[type=checkbox]")];
    let last = null;
    const show = () => {
      const chosen = rows().filter(box => box.checked).length;
      if (all) { all.checked = chosen > 0 && chosen === rows().length; all.indeterminate = chosen > 0 && !all.checked }
      if (said) said.textContent = words.replace("{n}", chosen);
      say(words.replace("{n}", chosen));
    };
    // Ticked before this file came, or given back by the browser.
    if (all?.checked) rows().forEach(box => { box.checked = true });
    if (rows().some(box => box.checked)) show();
    form.addEventListener("click", e => {
      if (!e.target.matches("input[type=checkbox]")) return;
      if (e.target === all) rows().forEach(box => { box.checked = all.checked });
      else if (e.shiftKey && last) {
        const list = rows(), [from, to] = [list.indexOf(last), list.indexOf(e.target)].sort((a, b) => a - b);
        list.slice(from, to + 1).forEach(box => { box.checked = e.target.checked });
      }
      if (e.target !== all) last = e.target;
      show();
    });
  }
}
