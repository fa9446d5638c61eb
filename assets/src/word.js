// Lists as Word copies them: paragraphs that name a list and a level, with the number or bullet typed in front.

const LISTED = /mso-list:\s*l\d+\s+level(\d)/i;
const NUMBER = /^\(?[0-9a-z]{1,5}[.)]/i;

/** Real lists in place of such paragraphs; styles stand in `data-pasted-style`. */
export function makeLists(body) {
  let open = []; // the list at each level
  for (const line of body.querySelectorAll("p[data-pasted-style]")) {
    const level = Number(LISTED.exec(line.getAttribute("data-pasted-style"))?.[1] ?? 0);
    if (!level) continue;
    const marker = [...line.querySelectorAll("[data-pasted-style]")].find((part) => /mso-list:\s*ignore/i.test(part.getAttribute("data-pasted-style")));
    const tag = NUMBER.test(marker?.textContent.trim() ?? "") ? "OL" : "UL";
    marker?.remove();
    if (!open.length || line.previousElementSibling !== open[0]) open = [];
    open.length = Math.min(open.length, level);
    if (open.length === level && open[level - 1].tagName !== tag) open.pop();
    while (open.length < level) {
      const list = document.createElement(tag);
      if (open.length) (open.at(-1).lastElementChild ?? open.at(-1).appendChild(document.createElement("li"))).append(list);
      else line.before(list);
      open.push(list);
    }
    const item = document.createElement("li");
    open.at(-1).append(item);
    item.append(line);
  }
}
