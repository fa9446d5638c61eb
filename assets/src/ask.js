// What the toolbar asks before it acts: link, picture, table, table title.
import { dialog, field } from "./dialogs.js";
import { el } from "./page.js";
import { safeAddress } from "./schema/inline.js";

/** The dialogs of one editor. `upload(file)` answers {url, name} or throws with a message for people. */
export function asks({ editor, t, upload }) {
  return {
    link: () => askLink(editor, t),
    table: () => askTable(editor, t),
    caption: () => askCaption(editor, t),
    picture: (file = null) => (editor.isActive("image") && !file ? describePicture(editor, t) : addPicture(editor, t, upload, file)),
  };
}

/** "example.org" and "ann@example.org" are what people type. */
function completeAddress(typed) {
  const address = typed.trim();
  if (/^[^\s/@:]+@[^\s/@:]+\.[^\s/@:]+$/.test(address)) return `mailto:${address}`;
  if (/^(?:[\w-]+\.)+[a-z]{2,}(?:[/?#].*)?$/i.test(address)) return `https://${address}`;
  return address;
}

async function askLink(editor, t) {
  const before = editor.getAttributes("link").href;
  const needsWords = editor.state.selection.empty && !before;
  const address = field({ label: t("link_address"), hint: t("link_hint"), value: before ?? "", autocomplete: "off", inputmode: "url" });
  const words = needsWords ? field({ label: t("link_text"), autocomplete: "off" }) : null;
  const href = await dialog({
    title: t("link_title"), saveLabel: t("link_save"), t, body: [address.box, ...(words ? [words.box] : [])],
    more: before ? [{ label: t("link_remove"), value: "" }] : [],
    save() {
      const value = completeAddress(address.input.value);
      const good = value && safeAddress(value) && /^(?:[a-z]+:|[#/?.])/i.test(value);
      address.fail(good ? "" : t("link_error"));
      return good ? value : false;
    },
  });
  if (href === null) return;
  const chain = editor.chain().focus();
  if (needsWords) {
    chain.insertContent({ type: "text", text: words.input.value.trim() || href, marks: [{ type: "link", attrs: { href } }] }).run();
    return;
  }
  chain.extendMarkRange("link");
  (href ? chain.setMark("link", { href }) : chain.unsetMark("link")).run();
}

async function askTable(editor, t) {
  const number = (label, value) => field({ label, type: "number", value, min: 1, max: 50, inputmode: "numeric" });
  const rows = number(t("table_rows"), 3);
  const columns = number(t("table_columns"), 3);
  const header = el("input", { type: "checkbox", checked: true });
  const size = (input) => Math.min(50, Math.max(1, Number.parseInt(input.value, 10) || 1));
  const table = await dialog({
    title: t("table_title"), saveLabel: t("table_save"), t,
    body: [el("div", { class: "form__row" }, rows.box, columns.box), el("label", { class: "choice" }, header, el("span", {}, t("table_header")))],
    save: () => ({ rows: size(rows.input), cols: size(columns.input), withHeaderRow: header.checked }),
  });
  if (table) editor.chain().focus().insertTable(table).run();
}

async function askCaption(editor, t) {
  const caption = field({ label: t("caption_label"), value: editor.getAttributes("table").caption ?? "", autocomplete: "off" });
  const text = await dialog({ title: t("caption_title"), saveLabel: t("caption_save"), t, body: [caption.box], save: () => caption.input.value.trim() });
  if (text !== null) editor.chain().focus().updateAttributes("table", { caption: text || null }).run();
}

async function describePicture(editor, t) {
  const { src, alt } = editor.getAttributes("image");
  const description = field({ label: t("picture_alt"), hint: t("picture_alt_hint"), value: alt ?? "", autocomplete: "off" });
  const text = await dialog({
    title: t("picture_edit_title"), saveLabel: t("picture_edit_save"), t,
    body: [el("img", { class: "editor-dialog__picture", src, alt: "" }), description.box], save: () => description.input.value.trim(),
  });
  if (text !== null) editor.chain().focus().updateAttributes("image", { alt: text }).run();
}

async function addPicture(editor, t, upload, file) {
  const chosen = field({ label: t("picture_file"), type: "file", accept: "image/png,image/jpeg,image/gif,image/webp" });
  const description = field({ label: t("picture_alt"), hint: t("picture_alt_hint"), autocomplete: "off" });
  const waiting = el("p", { class: "hint", role: "status" });
  const picture = await dialog({
    title: t("picture_title"), saveLabel: t("picture_save"), t,
    body: [file ? el("p", { class: "mid" }, file.name) : chosen.box, description.box, waiting],
    async save() {
      const target = file ?? chosen.input.files[0];
      if (!target?.type.startsWith("image/")) {
        chosen.fail(t("picture_error_file"));
        return false;
      }
      waiting.textContent = t("picture_uploading");
      try {
        const { url } = await upload(target);
        return { src: url, alt: description.input.value.trim() };
      } catch (error) {
        (file ? description : chosen).fail(error.message);
        return false;
      } finally {
        waiting.textContent = "";
      }
    },
  });
  if (picture) editor.chain().focus().insertContent({ type: "image", attrs: picture }).run();
}
