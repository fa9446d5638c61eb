// htmx, loaded only by pages that use it: the token on each request, busy buttons, words for #live, the focus afterwards.
import { say, token } from "./say.js";

export function start(address) {
  if (globalThis.htmx || !address) return;
  // htmx would otherwise write a style element, which the content security policy refuses.
  const meta = Object.assign(document.createElement("meta"), { name: "htmx-config", content: '{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0}' });
  document.head.append(meta);
  // htmx begins when it meets a complete page or hears DOMContentLoaded; brought in between, it would wait for ever.
  const bring = () => document.head.append(Object.assign(document.createElement("script"), { src: address }));
  if (document.readyState === "complete") bring(); else addEventListener("load", bring, { once: true });

  let kept = null;
  document.addEventListener("htmx:configRequest", e => { e.detail.headers["X-CSRFToken"] = token() });
  document.addEventListener("htmx:beforeRequest", e => {
    const button = e.detail.elt.matches("button, a") ? e.detail.elt : e.detail.requestConfig.triggeringEvent?.submitter;
    if (button) button.busy = setTimeout(() => button.setAttribute("aria-busy", "true"), 300);
    e.detail.xhr.busy = button;
  });
  document.addEventListener("htmx:afterRequest", e => {
    const button = e.detail.xhr.busy;
    if (button) { clearTimeout(button.busy); button.removeAttribute("aria-busy") }
  });
  document.addEventListener("htmx:beforeSwap", e => {
    const at = document.activeElement;
    kept = e.detail.target.contains(at) ? at : null;
  });
  document.addEventListener("htmx:afterSwap", e => {
    const region = document.getElementById(e.detail.target.id) ?? e.detail.target;  // after an outer swap the target is gone
    const said = region.matches("[data-said]") ? region : region.querySelector("[data-said]");
    if (said) say(said.dataset.said || said.textContent.trim().replace(/\s+/g, " "));  // an empty attribute: what stands there
    // Only a focus that stood in the region is lost; one that a poll of every two seconds did not touch stays.
    if (!kept || document.activeElement !== document.body) return;
    const survives = kept.id ? document.getElementById(kept.id) : [...region.querySelectorAll(kept.localName)].find(one => one.textContent === kept.textContent);
    const next = region.querySelector('[aria-invalid="true"]') ?? survives ?? region.querySelector("h1, h2, h3") ?? region;
    if (!next.matches("a, button, input, select, textarea, summary")) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });
  document.addEventListener("htmx:responseError", e => {
    if (e.detail.xhr.status !== 403 && e.detail.xhr.status !== 401) return;
    const form = e.detail.elt.closest("form[method=post]");
    // Sent the plain way, the form is answered with a page that gives back what was typed.
    if (form) form.submit(); else location.reload();
  });
}
