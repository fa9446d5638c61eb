// Building the page: elements, announcements, notices, the CSRF header.
import { icon } from "./icons.js";

/** el("p", {class: "hint"}, "words", child) */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export const button = (label, onclick, { variant = "", sign = null, ...more } = {}) =>
  el("button", { type: "button", class: `btn ${variant}`.trim(), onclick, ...more }, sign && icon(sign), label);

/** Says it to people who cannot see the change. */
export function announcer(host) {
  const region = document.getElementById("live") ?? host.appendChild(el("p", { class: "sr-only", role: "status" }));
  return (text) => {
    region.textContent = region.textContent === text ? `${text}\u00a0` : text;
  };
}

/** A notice with a title, words and buttons. */
export function notice({ title, text, sign = "alert", kind = "wait", moves = [], list = [] }) {
  return el(
    "div",
    { class: `notice notice--${kind}` },
    icon(sign),
    el("p", { class: "notice__title" }, title),
    text ? el("p", {}, text) : null,
    list.length ? el("ul", { class: "editor__list" }, ...list.map((line) => el("li", {}, line))) : null,
    moves.length ? el("div", { class: "notice__moves" }, ...moves) : null,
  );
}

/** Django's CSRF header: the cookie follows a new sign-in, the form's field serves where the cookie is hidden. */
export function csrfHeaders(form) {
  const cookie = /(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  const token = cookie ?? form?.elements.namedItem("csrfmiddlewaretoken")?.value;
  return token ? { "X-CSRFToken": token } : {};
}

/** The page's language; its English writes dates as the pages do, the day first, and the hours to 24. */
function language() {
  const lang = document.documentElement.lang;
  return lang === "en" ? "en-GB" : lang || undefined;
}

/** "18 Sep 2026, 16:42" in the page's language. */
export function moment(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
}

export const clock = (date) => date.toLocaleTimeString(language(), { timeStyle: "short" });
