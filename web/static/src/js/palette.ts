import { debounced, fragmentSource, isTyping, withQuery } from "./content";

/** The command palette: Ctrl K, type, Enter. */
export function palette(): void {
  const dialog = document.getElementById("palette") as HTMLDialogElement | null;
  const input = dialog?.querySelector<HTMLInputElement>("input");
  const results = dialog?.querySelector<HTMLElement>("[role=listbox]");
  if (!dialog || !input || !results) return;
  const fetchHits = fragmentSource();

  const show = async () => {
    try {
      const html = await fetchHits(withQuery(dialog.dataset.search ?? "/search", "q", input.value));
      if (html === null) return;
      results.innerHTML = html; // a fragment of our own server
    } catch {
      results.textContent = "Search did not answer. Press Enter to open the search page.";
    }
    mark(0);
    input.setAttribute("aria-expanded", String(hits().length > 0));
  };
  const hits = () => [...results.querySelectorAll<HTMLAnchorElement>("[role=option]")];
  const marked = () => hits().findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  const mark = (at: number) => {
    const all = hits();
    all.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === at)));
    const hit = all[at];
    if (!hit) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", hit.id);
    hit.scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    void show();
  };

  input.addEventListener("input", debounced(100, () => void show()));
  input.addEventListener("keydown", (event) => {
    const count = hits().length;
    if (count > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      mark((marked() + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    }
    if (event.key === "Enter") {
      const hit = hits()[marked()];
      if (!hit) return; // the form leads to the search page
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) window.open(hit.href, "_blank", "noopener");
      else hit.click();
    }
  });

  document.addEventListener("click", (event) => {
    const opener = (event.target as Element).closest("[data-open-palette]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
    if (event.key === "?" && !isTyping(event) && !document.querySelector("dialog:modal")) {
      (document.getElementById("shortcuts") as HTMLDialogElement | null)?.showModal();
    }
  });
}
