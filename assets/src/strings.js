// Every text people read. The server sends translations in data-strings; English stands behind them.
import english from "./strings.en.json";

/** A reader of texts: t("moved_to", {n: 3, total: 9}). */
export function reader(json) {
  let given = {};
  try {
    given = JSON.parse(json || "{}");
  } catch (error) {
    console.error("procedure-editor: data-strings is not JSON", error);
  }
  return (key, values = {}) =>
    (given[key] || english[key] || key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
