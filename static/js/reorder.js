// Order by buttons and by Alt + arrows: [data-item] in a common parent, [data-number] shows the place.
import { say } from "./say.js";

export function move(item, up, keep) {
  const other = up ? item?.previousElementSibling : item?.nextElementSibling;
  if (!other?.matches("[data-item]")) return;
  up ? other.before(item) : other.after(item);
  const list = [...item.parentElement.querySelectorAll(":scope > [data-item]")];
  list.forEach((one, i) => {
    const number = one.querySelector("[data-number]"), field = one.querySelector("input[data-place]");
    if (number) number.textContent = i + 1;
    if (field) field.value = i + 1;
  });
  keep?.focus();
  const words = document.getElementById("live")?.dataset.moved ?? "{n} / {all}";
  say(words.replace("{n}", list.indexOf(item) + 1).replace("{all}", list.length));
  item.dispatchEvent(new CustomEvent("reordered", { bubbles: true, detail: { item, place: list.indexOf(item) } }));
}
