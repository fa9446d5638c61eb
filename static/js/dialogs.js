// Dialogs: the first field takes the focus, Escape closes, the focus returns to what opened it.
export function open(dialog, opener) {
  if (dialog.open) return;
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], .field--error .input, .dialog__body :is(input:not([type=hidden]), select, textarea), .dialog__foot .btn");
  first?.focus();
  dialog.addEventListener("close", () => { if (opener?.isConnected) opener.focus() }, { once: true });
  dialog.addEventListener("click", e => {
    // A press on the backdrop closes only what holds nothing typed.
    if (e.target === dialog && ![...dialog.querySelectorAll("input:not([type=hidden]), textarea")].some(field => field.value !== field.defaultValue)) dialog.close();
  });
}
