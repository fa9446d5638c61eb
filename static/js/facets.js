// The search page: facets stand open beside the hits, and a box that is ticked narrows them at once. Without script the
// buttons marked data-plain do the same.
import { say } from "./say.js";

let asking;

// The focus stays on the control that was used: the page that comes back has it again, with the same name and value.
async function narrow(form, used) {
  const url = new URL(form.action);
  url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  asking?.abort();
  asking = new AbortController();
  let page;
  try {
    const answer = await fetch(url, { signal: asking.signal });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.href = url;
    return;
  }
  const next = page.getElementById(form.id);
  if (!next) { location.href = url; return }
  if (!history.state?.narrowed) history.replaceState({ narrowed: true }, "");
  history.pushState({ narrowed: true }, "", url);
  document.title = page.title;
  next.querySelector("details.facets").open = form.querySelector("details.facets").open;
  document.getElementById("save-search")?.replaceWith(page.getElementById("save-search"));
  form.replaceWith(next);
  live(next);
  const same = [...next.elements].find(one => one.name === used.name && (one.type !== "checkbox" || one.value === used.value));
  (same ?? next.querySelector("summary")).focus({ preventScroll: true });
  say(next.querySelector("#search-said").innerText);
}

function live(form) {
  form.querySelectorAll("[data-plain]").forEach(button => { button.hidden = true });
  form.addEventListener("change", e => { if (e.target.matches("select, [type=checkbox]")) narrow(form, e.target) });
}

export function start() {
  const form = document.getElementById("search-form");
  if (form) live(form);
  addEventListener("popstate", e => { if (e.state?.narrowed) location.reload() });
  if (CSS.supports("selector(::details-content)")) return;
  // Browsers that cannot hold them open in CSS get them opened here.
  const open = () => { if (innerWidth >= 768) document.querySelectorAll("details.facets").forEach(one => { one.open = true }) };
  open();
  addEventListener("resize", open);
}
