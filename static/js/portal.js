// The only script every page loads. It listens; the work is in the other files, fetched when first needed,
// so that reading a procedure costs one small file. Every page works without any of them.
const root = document.documentElement;
const here = document.getElementById("portal-js");

const typing = el => el.matches?.("input, textarea, select, [contenteditable], [contenteditable] *");
const singleKeys = () => { if (root.dataset.singleKeys === "off") return false; try { return localStorage.getItem("single-keys") !== "off" } catch { return true } };

addEventListener("keydown", async e => {
  if (e.defaultPrevented || e.isComposing) return;
  const single = !typing(e.target) && !e.ctrlKey && !e.metaKey && !e.altKey && singleKeys();
  if ((e.key === "/" && single) || (e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey)) {
    const box = [...document.querySelectorAll("[data-search]")].find(found => found.offsetParent);
    e.preventDefault();
    if (box) { box.focus(); box.select() } else location.href = "/search";
  } else if (e.key === "?" && single) {
    e.preventDefault();
    (await import("./key-help.js")).show();
  } else if (e.altKey && (e.key === "ArrowUp" || e.key === "ArrowDown") && e.target.closest("[data-item]")) {
    e.preventDefault();
    (await import("./reorder.js")).move(e.target.closest("[data-item]"), e.key === "ArrowUp", e.target);
  }
});

addEventListener("click", async e => {
  const on = selector => e.target.closest?.(selector);
  let found;
  if ((found = on("[data-open]"))) {
    const dialog = document.getElementById(found.dataset.open);
    if (!dialog || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    (await import("./dialogs.js")).open(dialog, found);
  } else if ((found = on("[data-close]"))) {
    found.closest("dialog")?.close();
  } else if ((found = on("[data-move]"))) {
    const up = found.dataset.move === "up";
    e.preventDefault();  // without script the same button sends the form
    (await import("./reorder.js")).move(found.closest("[data-item]"), up, found);
  } else if ((found = on("[data-menu]")) && !e.ctrlKey && !e.metaKey && "popover" in found) {
    e.preventDefault();
    (await import("./menus.js")).openFrom(found);
  } else if ((found = on("[data-keys-help]"))) {
    e.preventDefault();
    (await import("./key-help.js")).show();
  } else if ((found = on("[data-print]"))) {
    print();
  } else if ((found = on(".errors a[href^='#']"))) {
    const field = document.getElementById(found.hash.slice(1));
    if (field) { e.preventDefault(); field.focus(); field.scrollIntoView({ block: "center" }) }
  }
});

addEventListener("submit", async e => {
  const form = e.target, button = e.submitter;
  if (e.defaultPrevented) return;
  if (form.matches("[data-look]")) {
    e.preventDefault();
    (await import("./look.js")).apply(form, button);
  } else if (form.method === "post" && !form.matches("[hx-post], [data-again]")) {
    // A second press while the first is on its way is not a second wish.
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = "yes";
    if (button) setTimeout(() => { if (form.dataset.sent) button.setAttribute("aria-busy", "true") }, 300);
    setTimeout(() => release(form), 15000);  // the answer was a file: the page is still here
  }
});
const release = form => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach(button => button.removeAttribute("aria-busy"));
};
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

addEventListener("focusin", e => { if (e.target.closest("search-box")) import("./search-box.js"); else if (e.target.closest("mention-box")) import("./mention-box.js") });

// What a page may hold, and the file that brings it to life.
const parts = [
  [".toast", () => import("./toasts.js")],
  ["load-when-seen", () => import("./load-when-seen.js")],
  ["form[data-unsaved]", () => import("./unsaved.js")],
  ["form[data-bulk] tbody input", () => import("./bulk.js")],
  [".facets", () => import("./facets.js")],
  ["[data-suggest]", () => import("./suggest.js")],
  ["[data-alone]", () => import("./alone.js")],
  ["redline-nav", () => import("./redline-nav.js")],
  ["passkey-sign", () => import("./passkey-sign.js")],
];
const wake = () => {
  document.querySelector(".errors")?.focus();
  for (const [selector, bring] of parts) if (document.querySelector(selector)) bring().then(part => part.start?.());
  if (document.querySelector("[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete], [hx-boost]")) import("./swaps.js").then(part => part.start(here.dataset.htmx));
  if (document.querySelector("[popover]") && !CSS.supports("position-area: block-end")) import("./menus.js").then(part => part.place());
};
wake();
root.dataset.script = "on";
