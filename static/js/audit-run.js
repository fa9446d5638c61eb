/* The questions of a running audit: each answer is saved when it is given, and says so.

    <audit-run>
      <div data-question="q-1"><form data-answer method="post" action="…">…</form></div>
    </audit-run>

Each save carries an id made here, so that sending it again stores it once. What could not be sent stays in its field
and is tried again when the connection is back. Without script each form has a button. */

const AFTER_TYPING = 900; // ms without a key before a text is saved

class AuditRun extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    const options = { signal: this.controller.signal };
    this.waiting = new Map(); // form → timer
    this.unsent = new Set(); // forms that could not be sent
    this.classList.add("audit-run--live");
    this.addEventListener("change", (event) => this.#given(event, 0), options);
    this.addEventListener("input", (event) => this.#given(event, AFTER_TYPING), options);
    this.addEventListener("submit", (event) => this.#submitted(event), options);
    window.addEventListener("online", () => this.#sendAgain(), options);
    window.addEventListener("beforeunload", (event) => this.#leaving(event), options);
  }

  disconnectedCallback() {
    this.controller.abort();
    for (const timer of this.waiting.values()) clearTimeout(timer);
  }

  #given(event, delay) {
    const form = event.target.closest("form[data-answer]");
    if (!form || (event.type === "input" && event.target.type === "radio")) return;
    if (event.target.type === "radio") this.#mark(form, event.target.value);
    clearTimeout(this.waiting.get(form));
    this.waiting.set(form, setTimeout(() => this.#save(form), delay));
    this.#say("saving");
  }

  #submitted(event) {
    const form = event.target;
    if (form.matches("[data-answer]")) {
      event.preventDefault();
      this.#save(form);
    }
    if (form.matches("[data-evidence]")) {
      form.elements.evidence_id.value ||= crypto.randomUUID();
    }
  }

  async #save(form) {
    clearTimeout(this.waiting.get(form));
    this.waiting.delete(form);
    if (!this.#hasAnswer(form)) return this.#say("saved");
    form.elements.answer_id.value = crypto.randomUUID();
    const body = new FormData(form);
    body.set("answered_at", new Date().toISOString());
    await this.#send(form, body);
  }

  #hasAnswer(form) {
    const data = new FormData(form);
    return Boolean(data.get("value") || (data.get("checked") && data.get("conform")));
  }

  async #send(form, body) {
    this.#say("saving");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      this.unsent.delete(form);
      if (answer.ok) this.#saved(form, told);
      else this.#refused(form, told.error);
    } catch {
      this.unsent.add(form);
      this.#say("failed");
    }
  }

  #sendAgain() {
    for (const form of this.unsent) this.#save(form);
  }

  #saved(form, told) {
    this.#error(form, "");
    this.#mark(form, "", told.outcome);
    this.#progress(told);
    const key = form.closest("[data-question]").dataset.question;
    document.getElementById("run-next")?.setAttribute("href", `?next=${encodeURIComponent(key)}`);
    if (!this.waiting.size && !this.unsent.size) this.#say("saved");
  }

  #refused(form, message) {
    this.#error(form, message);
    this.#say("failed");
  }

  #error(form, message) {
    const place = form.querySelector("[data-error]");
    if (!place) return;
    place.textContent = message;
    place.hidden = !message;
    if (message) place.setAttribute("role", "alert");
  }

  #mark(form, value, outcome = { yes: "passed", no: "failed", na: "not_applicable" }[value]) {
    const question = form.closest("[data-question]");
    if (outcome) question.dataset.outcome = outcome;
    if (outcome === "failed") question.querySelector("details.question__more")?.setAttribute("open", "");
  }

  #progress(told) {
    const set = (id, text) => {
      const place = document.getElementById(id);
      if (place) place.textContent = text;
    };
    set("run-answered", told.answered);
    set("run-total", told.total);
    const meter = document.getElementById("run-meter");
    if (meter) {
      meter.max = told.total || 1;
      meter.value = told.answered;
    }
    for (const place of document.querySelectorAll("[data-section]")) {
      const counts = told.sections[place.dataset.section];
      if (counts) place.textContent = counts.join("/");
    }
    this.#showAndHide(new Set(told.shown));
  }

  /* A question that depends on another comes and goes; one that is not on this page yet comes with the next load. */
  #showAndHide(shown) {
    for (const question of this.querySelectorAll("[data-question]")) {
      question.hidden = !shown.has(question.dataset.question);
    }
    const here = new Set([...this.querySelectorAll("[data-question]")].map((one) => one.dataset.question));
    const first = this.getAttribute("data-known");
    const key = [...shown].filter((one) => !here.has(one)).length;
    if (first !== null && Number(first) < key) location.reload();
    this.setAttribute("data-known", key);
  }

  #say(state) {
    const place = document.getElementById("savestate");
    if (!place) return;
    place.dataset.state = state;
    place.querySelector("span").textContent = place.dataset[state];
  }

  #leaving(event) {
    if (this.waiting.size || this.unsent.size) event.preventDefault();
  }
}

customElements.define("audit-run", AuditRun);
