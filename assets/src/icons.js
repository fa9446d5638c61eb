// Icons of the portal's set, drawn without the page's sprite so that the editor stands on any page.
const PATHS = {
  undo: "M7.5 4.5 4 8l3.5 3.5M4 8h8a4 4 0 0 1 0 8H9",
  redo: "M12.5 4.5 16 8l-3.5 3.5M16 8H8a4 4 0 0 0 0 8h3",
  bold: "M6 4h4.75a2.9 2.9 0 0 1 0 5.8H6zM6 9.8h5.4a3.1 3.1 0 0 1 0 6.2H6z",
  italic: "M8.5 4h5M6.5 16h5M11.5 4l-3 12",
  list: "M8 5h8.5M8 10h8.5M8 15h8.5M4 5v.05M4 10v.05M4 15v.05",
  "list-num": "M8.5 5h8M8.5 10h8M8.5 15h8M3.5 3.75 4.5 3.5v3M3.5 13.5h1.75l-1.75 3h2",
  link: "M8.5 11.5a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-1.1 1.1M11.5 8.5a3 3 0 0 0-4.3 0l-2.6 2.6a3 3 0 0 0 4.3 4.3l1.1-1.1",
  image: "M3.25 4h13.5v12H3.25zM3.5 14.5l4-4 3 3 2-2 4 3.5M12.75 8.25a.9.9 0 1 0 0-1.8.9.9 0 0 0 0 1.8z",
  table: "M3.25 4h13.5v12H3.25zM3.25 8h13.5M3.25 12h13.5M10 4v12",
  alert: "M10 3.25 17.5 16.5h-15zM10 8v4M10 14.2v.05",
  stop: "M7 2.75h6L17.25 7v6L13 17.25H7L2.75 13V7zM10 6.5v4.25M10 13.5v.05",
  up: "M5 12l5-5 5 5",
  down: "M5 8l5 5 5-5",
  cloud: "M6 15.5a3.5 3.5 0 0 1-.4-6.98 4.5 4.5 0 0 1 8.7 1.02A3 3 0 0 1 14 15.5z",
  "cloud-off": "M6.2 8.4A3.5 3.5 0 0 0 6 15.5h7.5M8 5.6a4.5 4.5 0 0 1 6.3 3.9 3 3 0 0 1 2.1 4.6M3.5 3.5l13 13",
  users: "M7.5 9.75a2.75 2.75 0 1 0 0-5.5 2.75 2.75 0 0 0 0 5.5zM2.5 16c.4-2.3 2.4-3.75 5-3.75s4.6 1.45 5 3.75M13 9.5a2.4 2.4 0 1 0-.9-4.7M14.2 12.3c1.8.3 3 1.6 3.3 3.2",
  sync: "M15.9 8.5A6.2 6.2 0 0 0 5 6.3L3.5 8M3.5 4.5V8H7M4.1 11.5A6.2 6.2 0 0 0 15 13.7l1.5-1.7M16.5 15.5V12H13",
  pencil: "M4 16l.75-3.25 8.5-8.5a1.4 1.4 0 0 1 2 0l.5.5a1.4 1.4 0 0 1 0 2l-8.5 8.5zM11.75 5.75l2.5 2.5",
  plus: "M10 4v12M4 10h12",
  x: "M5 5l10 10M15 5 5 15",
  doc: "M5.5 2.75h6l3.5 3.5v10.5a.5.5 0 0 1-.5.5h-9a.5.5 0 0 1-.5-.5V3.25a.5.5 0 0 1 .5-.5zM11.25 2.9v3.6h3.6M7.5 10h5M7.5 13h5",
  note: "M10 17.25a7.25 7.25 0 1 0 0-14.5 7.25 7.25 0 0 0 0 14.5zM10 9v4.5M10 6.4v.05",
  underline: "M6 3.5v5.5a4 4 0 0 0 8 0V3.5M5 16.5h10",
  strike: "M3.5 10h13M13.75 6.5c-.4-1.7-1.9-2.6-3.75-2.6-2.2 0-3.75 1.15-3.75 2.9 0 1.3.8 2.2 2.3 2.8M6 13.4c.4 1.8 2 2.8 4.1 2.8 2.3 0 4-1.1 4-3 0-.5-.1-.9-.3-1.2",
  code: "M7 5.5 2.75 10 7 14.5M13 5.5 17.25 10 13 14.5",
  subscript: "M3.5 4.5l7 9M10.5 4.5l-7 9M13.25 13.2c.2-.8.8-1.2 1.6-1.2.9 0 1.5.5 1.5 1.3 0 1.4-3 1.6-3 3.2h3.15",
  superscript: "M3.5 6.5l7 9M10.5 6.5l-7 9M13.25 4.2c.2-.8.8-1.2 1.6-1.2.9 0 1.5.5 1.5 1.3 0 1.4-3 1.6-3 3.2h3.15",
  quote: "M4 4.5v11M7.5 6h9M7.5 10h9M7.5 14h6",
  "code-block": "M3.25 4h13.5v12H3.25zM8 7.75 5.75 10 8 12.25M12 7.75 14.25 10 12 12.25",
  rule: "M3 10h14M6 5h8M6 15h8",
  steps: "M5 8.25a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM5 16.25a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5zM10 6h7M10 14h7",
};

const SVG = "http://www.w3.org/2000/svg";

/** A 20 × 20 icon, unseen by screen readers: words stand beside it or name its button. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
