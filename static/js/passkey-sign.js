// Signs the form around it with a passkey: asks the portal for a challenge made for this act, the device for the
// answer, and sends the form with it. Where the form's answer needs no signature it is sent as it is.
//   <passkey-sign src="/me/signing/passkey/" act="decide:7:ab12…" needs="verdict=approve"
//     data-cancelled="…" data-failed="…" hidden><button type="button">Sign with a passkey</button></passkey-sign>
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

class PasskeySign extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential) return;
    this.hidden = false;
    this.press = () => this.sign();
    this.querySelector("button").addEventListener("click", this.press);
  }

  disconnectedCallback() {
    this.querySelector("button")?.removeEventListener("click", this.press);
  }

  get form() { return this.closest("form") }

  async sign() {
    const button = this.querySelector("button");
    if (button.getAttribute("aria-busy")) return;
    this.tell("");
    const [name, wanted] = (this.getAttribute("needs") || "").split("=");
    if (name && new FormData(this.form).get(name) !== wanted) return this.form.requestSubmit();
    button.setAttribute("aria-busy", "true");
    try {
      const options = await this.challenge();
      if (options) this.send(await navigator.credentials.get({ publicKey: options }));
    } catch (problem) {
      this.tell(problem instanceof DOMException ? this.dataset.cancelled : this.dataset.failed);
    }
    button.removeAttribute("aria-busy");
  }

  async challenge() {
    const body = new URLSearchParams({ act: this.getAttribute("act") });
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(this.getAttribute("src"), { method: "POST", body, headers: { "X-CSRFToken": token } });
    const said = await answer.json();
    if (said.problem) return this.tell(said.problem);
    const asked = said.publicKey;
    asked.challenge = bytes(asked.challenge);
    for (const one of asked.allowCredentials ?? []) one.id = bytes(one.id);
    return asked;
  }

  send(credential) {
    const said = credential.response;
    const answer = {
      id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {},
      response: { clientDataJSON: text(said.clientDataJSON), authenticatorData: text(said.authenticatorData), signature: text(said.signature) },
    };
    let field = this.form.querySelector("input[name=passkey]");
    if (!field) {
      field = Object.assign(document.createElement("input"), { type: "hidden", name: "passkey" });
      this.form.append(field);
    }
    field.value = JSON.stringify(answer);
    this.form.requestSubmit();
  }

  tell(words) {
    let line = this.querySelector("[role=alert]");
    if (!line) {
      line = Object.assign(document.createElement("p"), { className: "field__error" });
      line.setAttribute("role", "alert");
      this.prepend(line);
    }
    line.textContent = words;
    line.hidden = !words;
  }
}

customElements.get("passkey-sign") || customElements.define("passkey-sign", PasskeySign);
