// A picture becomes an attachment of the record; the text holds its address.

/** Answers {url, name}; throws an Error whose message people can read. */
export async function uploadFile(file, { url, headers, t }) {
  const form = new FormData();
  form.append("file", file, file.name || "picture.png");
  let answer = {};
  let ok = false;
  try {
    const response = await fetch(url, { method: "POST", credentials: "same-origin", headers: { ...headers, Accept: "application/json" }, body: form });
    ok = response.ok;
    answer = await response.json();
  } catch {
    ok = false; // no network, or a page instead of an answer
  }
  if (ok && typeof answer.url === "string") return answer;
  throw new Error(firstError(answer.errors) ?? t("picture_error_upload"));
}

/** The first sentence of {"field": ["Sentence", …], …}, or of a list, or the sentence itself. */
export function firstError(errors) {
  return allErrors(errors)[0];
}

export function allErrors(errors) {
  if (!errors) return [];
  if (typeof errors === "string") return [errors];
  return Object.values(errors).flatMap((value) => allErrors(typeof value === "object" && value?.message ? value.message : value));
}
