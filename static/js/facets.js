// Facets stand open beside the hits; browsers that cannot do it in CSS get them opened here.
export function start() {
  if (CSS.supports("selector(::details-content)")) return;
  const open = () => { if (innerWidth >= 768) document.querySelectorAll("details.facets").forEach(one => { one.open = true }) };
  open();
  addEventListener("resize", open);
}
