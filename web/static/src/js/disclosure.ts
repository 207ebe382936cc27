import { onContent, once, store, stored } from "./content";

/** Remembers which groups are open, and shows what a choice depends on. */
export function disclosures(): void {
  onContent(once<HTMLDetailsElement>("details[data-remember]", (group) => {
    if (stored(keyOf(group)) === "open") group.open = true;
  }));
  onContent(once<HTMLDetailsElement>("details[data-wide]", (fold) => {
    if (matchMedia("(min-width: 64rem)").matches) fold.open = true;
  }));
  document.addEventListener("toggle", (event) => {
    const group = event.target as HTMLDetailsElement;
    if (group.matches("details[data-remember]")) store(keyOf(group), group.open ? "open" : null);
  }, true);

  onContent(once<HTMLInputElement>("[data-reveals]", reveal));
  document.addEventListener("change", (event) => {
    const name = (event.target as HTMLInputElement).name;
    if (!name) return;
    for (const control of document.querySelectorAll<HTMLInputElement>("[data-reveals]")) {
      if (control.name === name) reveal(control);
    }
  });
}

function keyOf(group: HTMLElement): string {
  return `open:${group.dataset.remember}`;
}

function reveal(control: HTMLInputElement): void {
  const dependent = document.getElementById(control.dataset.reveals ?? "");
  if (dependent) dependent.hidden = currentValue(control) !== control.dataset.revealOn;
}

function currentValue(control: HTMLInputElement): string {
  if (control.type === "checkbox") return String(control.checked);
  if (control.type === "radio") {
    const chosen = control.form?.elements.namedItem(control.name);
    return chosen instanceof RadioNodeList ? chosen.value : control.checked ? control.value : "";
  }
  return control.value;
}
