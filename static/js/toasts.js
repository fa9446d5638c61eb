// Success in passing: gone after 8 seconds, unless it holds a button, is pointed at, or has the focus.
import { say } from "./say.js";

const shown = new WeakSet();

function mind(toast) {
  if (shown.has(toast)) return;
  shown.add(toast);
  say(toast.querySelector("span")?.textContent ?? "");
  if (toast.querySelector("button, a")) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  setTimeout(leave, 8000);
}

export function start() {
  const region = document.getElementById("toasts");
  region.querySelectorAll(".toast").forEach(mind);
  new MutationObserver(() => region.querySelectorAll(".toast").forEach(mind)).observe(region, { childList: true });
}
