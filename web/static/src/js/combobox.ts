import { debounced, fragmentSource, once, withQuery } from "./content";

/** Turns a field that takes the id of a record into a search by its title. */
export const combobox = once<HTMLElement>("[data-combobox]", (box) => {
  const url = box.dataset.combobox;
  const posted = box.querySelector<HTMLInputElement>("[data-combobox-value]");
  const typed = box.querySelector<HTMLInputElement>("[data-combobox-input]");
  const list = box.querySelector<HTMLElement>("[role=listbox]");
  if (!url || !posted || !typed || !list || typed.readOnly) return;
  new Combobox(url, posted, typed, list);
});

class Combobox {
  private chosen: string;
  private readonly fetch = fragmentSource();
  private readonly search = debounced(120, () => void this.show());

  constructor(private url: string, private posted: HTMLInputElement, private typed: HTMLInputElement, private list: HTMLElement) {
    posted.disabled = false;
    posted.value = typed.value;
    typed.removeAttribute("name");
    typed.removeAttribute("list");
    this.chosen = typed.dataset.display ?? "";
    typed.value = this.chosen;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) {
      typed.setAttribute(name, value);
    }
    typed.addEventListener("input", () => this.search());
    typed.addEventListener("click", () => void this.show());
    typed.addEventListener("keydown", (event) => this.key(event));
    typed.addEventListener("blur", () => this.leave());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the focus
    list.addEventListener("click", (event) => this.choose((event.target as Element).closest<HTMLElement>("[role=option]")));
    document.addEventListener("scroll", (event) => { if (event.target !== list) this.hide(); }, { capture: true, passive: true });
    posted.form?.addEventListener("kept", () => { this.chosen = this.typed.value; });
  }

  private async show(): Promise<void> {
    const query = this.typed.value === this.chosen ? "" : this.typed.value;
    try {
      const html = await this.fetch(withQuery(this.url, "q", query));
      if (html === null || document.activeElement !== this.typed) return;
      this.list.innerHTML = html; // a fragment of our own server
    } catch {
      this.list.textContent = "The list could not be fetched.";
    }
    this.place();
    if (query !== "") this.mark(this.options(), 0);
  }

  private place(): void {
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    const field = this.typed.getBoundingClientRect();
    const height = this.list.offsetHeight;
    const below = field.bottom + height < innerHeight || field.top < height;
    this.list.style.left = `${field.left}px`;
    this.list.style.top = below ? `${field.bottom}px` : `${field.top - height - 8}px`;
    this.list.style.minWidth = `${field.width}px`;
    this.typed.setAttribute("aria-expanded", "true");
  }

  private hide(): void {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.typed.setAttribute("aria-expanded", "false");
    this.typed.removeAttribute("aria-activedescendant");
  }

  private options(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>("[role=option]")];
  }

  private key(event: KeyboardEvent): void {
    const open = this.list.matches(":popover-open");
    const all = this.options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return void this.show();
      this.mark(all, (at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % Math.max(1, all.length));
    } else if (event.key === "Enter" && open) {
      event.preventDefault(); // an open list never submits the form
      this.choose(all[at] ?? null);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.hide();
    }
  }

  private mark(all: HTMLElement[], at: number): void {
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    const option = all[at];
    if (!option) return;
    this.typed.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  private choose(option: HTMLElement | null): void {
    if (!option) return;
    this.set(option.dataset.value ?? "", option.firstElementChild?.textContent ?? "");
    this.hide();
  }

  private set(value: string, title: string): void {
    this.chosen = this.typed.value = title;
    this.posted.value = value;
    this.posted.dispatchEvent(new Event("input", { bubbles: true }));
    this.posted.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // An emptied field means no reference; anything half typed goes back to what
  // was chosen, so that no wrong record is ever saved.
  private leave(): void {
    this.hide();
    if (this.typed.value.trim() === "") this.set("", "");
    else this.typed.value = this.chosen;
  }
}
