// Menus are native popovers. Here: those filled from an address, and a place for browsers without CSS anchors.
const anchored = CSS.supports("position-area: block-end");

function put(menu, opener) {
  if (anchored || !opener) return;
  Object.assign(menu.style, { position: "fixed", insetBlockStart: 0, insetInlineStart: 0 });  // as wide as it will be
  const at = opener.getBoundingClientRect(), own = menu.getBoundingClientRect();
  const below = at.bottom + own.height + 8 <= innerHeight || at.top < own.height;
  menu.style.insetBlockStart = `${Math.max(4, below ? at.bottom : at.top - own.height - 8)}px`;
  menu.style.insetInlineStart = `${Math.min(Math.max(8, at.right - own.width), innerWidth - own.width - 8)}px`;
}

export function place() {
  document.addEventListener("toggle", e => {
    if (e.target.matches?.("[popover]") && e.newState === "open") put(e.target, document.querySelector(`[popovertarget="${e.target.id}"]`));
  }, true);
}

export async function openFrom(opener) {
  let menu = document.getElementById(opener.dataset.menu);
  if (menu?.matches(":popover-open")) return menu.hidePopover();
  if (!menu) {
    menu = Object.assign(document.createElement("div"), { id: opener.dataset.menu, className: "menu", popover: "auto" });
    menu.addEventListener("toggle", e => opener.setAttribute("aria-expanded", String(e.newState === "open")));
    opener.after(menu);
  }
  try {
    const answer = await fetch(opener.dataset.src, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    menu.innerHTML = await answer.text();
  } catch { location.href = opener.href; return }
  opener.focus();  // Safari does not focus what is clicked; from here the focus returns to it
  try { menu.showPopover({ source: opener }) } catch { menu.showPopover() }
  put(menu, opener);
  menu.querySelector("a, button")?.focus();
}
