import { debounced, onContent, once, store, stored } from "./content";
import { toast } from "./toast";

/** Forms never lose work, and say at the field what is wrong. */
export function forms(): void {
  settle();
  onContent(once<HTMLFormElement>("form[data-form]", prepare));
  onContent(once<HTMLElement>("[data-error-summary]", (summary) => summary.focus()));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = document.activeElement?.closest<HTMLFormElement>("form[data-form]") ?? document.querySelector<HTMLFormElement>("main form[data-form]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

function prepare(form: HTMLFormElement): void {
  form.noValidate = true; // we say it at the field instead
  form.addEventListener("focusout", (event) => {
    const control = event.target as HTMLInputElement;
    if (control.name && control.value !== "") tell(control);
  });
  form.addEventListener("input", (event) => {
    const control = event.target as HTMLInputElement;
    if (control.getAttribute("aria-invalid") === "true") tell(control);
  });
  form.addEventListener("submit", (event) => {
    const wrong = controls(form).filter((control) => !tell(control));
    if (wrong.length === 0) return;
    event.preventDefault();
    wrong[0]?.focus();
  });
  if (form.matches("[data-keep]")) keep(form);
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function controls(form: HTMLFormElement): Control[] {
  return [...form.elements].filter((element): element is Control => element.matches("input:not([type=hidden]), select, textarea"));
}

/** Shows or takes away what is wrong with a control; reports whether it is right. */
function tell(control: Control): boolean {
  const right = control.validity.valid;
  const field = control.closest<HTMLElement>("[data-field]");
  const line = field?.querySelector<HTMLElement>(".field__error");
  if (!line) return right;
  line.hidden = right;
  const words = line.querySelector("span");
  if (words) words.textContent = right ? "" : reason(control);
  field?.classList.toggle("field--invalid", !right);
  if (control.type === "radio") return right;
  if (right) {
    control.removeAttribute("aria-invalid");
    describe(control, line.id, false);
  } else {
    control.setAttribute("aria-invalid", "true");
    describe(control, line.id, true);
  }
  return right;
}

function describe(control: Control, id: string, on: boolean): void {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (on) ids.add(id);
  else ids.delete(id);
  if (ids.size > 0) control.setAttribute("aria-describedby", [...ids].join(" "));
  else control.removeAttribute("aria-describedby");
}

function reason(control: Control): string {
  if (control.validity.valueMissing) return control.type === "radio" ? "Choose one." : "Fill this in.";
  return control.validationMessage;
}

type Kept = { path: string; values: [string, string][]; submitted: boolean };

const keptPrefix = "kept:";

// A submitted form was taken when the server led on to another page of the
// product, answered with a notice, or shows the form again with its errors. A
// browser's error page, a sign-in page and a page of ours that reports a problem
// (they have no shell) prove nothing, so the work stays kept.
function settle(): void {
  if (!document.querySelector(".shell")) return;
  const answered = document.querySelector("#toasts [data-toast], [data-error-summary]") !== null;
  for (const key of keptKeys()) {
    const kept = read(key);
    if (kept?.submitted && (answered || kept.path !== location.pathname)) store(key, null);
  }
}

function keptKeys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(keptPrefix));
  } catch {
    return [];
  }
}

// What was typed is kept in this tab until the server has taken it: it survives
// a reload, a lost connection and an expired session.
function keep(form: HTMLFormElement): void {
  const key = `${keptPrefix}${location.pathname}:${form.id}`;
  const state = form.querySelector<HTMLElement>("[data-form-state]");
  let untouched = JSON.stringify(values(form));
  let leaving = false;

  const old = read(key);
  if (old && JSON.stringify(old.values) === untouched) store(key, null);
  else if (old) {
    restore(form, old.values);
    toast({ text: "Your unsaved changes are back.", tone: "attention" });
    say(state, "Unsaved changes");
  }

  const save = debounced(250, () => {
    if (!leaving) write(false);
  });
  const write = (submitted: boolean) => store(key, JSON.stringify({ path: location.pathname, values: values(form), submitted } satisfies Kept));
  const dirty = () => JSON.stringify(values(form)) !== untouched;

  form.addEventListener("input", () => {
    say(state, dirty() ? "Unsaved changes" : "");
    save();
  });
  form.addEventListener("change", () => save());
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    leaving = true;
    write(true);
    say(state, "Saving…");
  });
  // The submit did not lead away: whatever happened, the work is still unsaved.
  window.addEventListener("pageshow", () => { leaving = false; });
  document.addEventListener("htmx:error", () => { if (leaving) { leaving = false; write(false); say(state, "Not saved"); } });
  document.addEventListener("htmx:after:swap", () => {
    if (leaving && form.isConnected && !form.querySelector("[data-error-summary]")) { leaving = false; untouched = JSON.stringify(values(form)); store(key, null); say(state, "Saved"); }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form.isConnected && dirty()) event.preventDefault();
  });
}

function say(state: HTMLElement | null, words: string): void {
  if (state) state.textContent = words;
}

function read(key: string): Kept | null {
  try {
    return JSON.parse(stored(key) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

// Hidden inputs are kept too: the version of the record must stay the one that
// the person saw, or a newer change of somebody else would be overwritten.
function values(form: HTMLFormElement): [string, string][] {
  const secret = new Set([...form.querySelectorAll<HTMLInputElement>("input[type=password]")].map((input) => input.name));
  return [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === "string" && !secret.has(entry[0]));
}

function restore(form: HTMLFormElement, kept: [string, string][]): void {
  const byName = new Map<string, string[]>();
  for (const [name, value] of kept) byName.set(name, [...(byName.get(name) ?? []), value]);
  for (const element of form.elements) {
    const control = element as HTMLInputElement;
    if (!control.name || control.type === "file" || control.type === "password") continue;
    const wanted = byName.get(control.name) ?? [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = wanted.includes(control.value);
    else if (control.type === "hidden" && (control.value === "false" || control.value === "")) continue; // beside a flag or checks
    else if (wanted.length > 0) control.value = wanted[0] ?? "";
  }
  form.dispatchEvent(new Event("kept"));
  form.dispatchEvent(new Event("input", { bubbles: true }));
}
