import { isTyping } from "./content";

const rowBoxes = "tbody .table__select input[type=checkbox]";
let lastBox: HTMLInputElement | null = null;

/** Selection, keyboard and columns of every table, by delegation. */
export function tables(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", onKey);
  document.addEventListener("reset", () => setTimeout(() => document.querySelectorAll<HTMLElement>("[data-table]").forEach(count)));
  document.querySelectorAll<HTMLElement>("[data-table]").forEach(count);
  for (const chooser of document.querySelectorAll("[data-columns] > .button")) chooser.remove(); // its choices act at once
}

function boxes(table: Element): HTMLInputElement[] {
  return [...table.querySelectorAll<HTMLInputElement>(rowBoxes)];
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const box = target.closest<HTMLInputElement>(rowBoxes);
  if (box) return selectTo(box, event.shiftKey);
  const row = target.closest<HTMLElement>("tr[data-href]");
  if (!row || target.closest("a, button, input, label, select, textarea, summary, [popover]")) return;
  if (!getSelection()?.isCollapsed) return; // somebody is copying text
  open(row, event.ctrlKey || event.metaKey);
}

function open(row: HTMLElement, elsewhere: boolean): void {
  const href = row.dataset.href;
  if (!href) return;
  if (elsewhere) window.open(href, "_blank", "noopener");
  else location.assign(href);
}

// With Shift, everything between the last box and this one takes its state.
function selectTo(box: HTMLInputElement, range: boolean): void {
  const table = box.closest<HTMLElement>("[data-table]");
  if (!table) return;
  if (range && lastBox && table.contains(lastBox)) {
    const all = boxes(table);
    const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b) as [number, number];
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  lastBox = box;
  count(table);
}

function onChange(event: Event): void {
  const input = event.target as HTMLInputElement;
  const table = input.closest<HTMLElement>("[data-table]");
  if (!table) return;
  if (input.matches("[data-select-all]")) {
    for (const box of boxes(table)) box.checked = input.checked;
    count(table);
  }
  const chooser = input.closest<HTMLFormElement>("[data-columns]");
  if (chooser) showColumn(table, chooser, input);
}

function count(table: HTMLElement): void {
  const all = boxes(table);
  const chosen = all.filter((box) => box.checked).length;
  const master = table.querySelector<HTMLInputElement>("[data-select-all]");
  if (master) {
    master.checked = chosen > 0 && chosen === all.length;
    master.indeterminate = chosen > 0 && chosen < all.length;
  }
  const label = table.querySelector("[data-bulk-count]");
  if (label) label.textContent = chosen === 1 ? "1 row selected" : `${chosen} rows selected`;
}

// The address follows, so that the choice survives a reload and can be shared.
function showColumn(table: HTMLElement, chooser: HTMLFormElement, input: HTMLInputElement): void {
  for (const cell of table.querySelectorAll<HTMLElement>(`[data-col="${CSS.escape(input.value)}"]`)) cell.hidden = !input.checked;
  const address = new URL(location.href);
  address.searchParams.delete("cols");
  for (const value of new FormData(chooser).getAll("cols")) address.searchParams.append("cols", String(value));
  history.replaceState(history.state, "", address);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector("dialog:modal, .menu:popover-open")) return;
  if (event.key === "/") {
    const filter = document.querySelector<HTMLInputElement>("[data-filter-input]");
    if (filter) {
      event.preventDefault();
      filter.select();
    }
    return;
  }
  const table = (document.activeElement?.closest("[data-table]") ?? document.querySelector("[data-table]:has(tbody)")) as HTMLElement | null;
  if (!table) return;
  const cursor = table.querySelector<HTMLElement>("tr[data-cursor]");
  switch (event.key) {
    case "j": return move(table, cursor, 1);
    case "k": return move(table, cursor, -1);
    case "Enter":
      if (cursor && !document.activeElement?.closest("a, button, summary, input")) open(cursor, false);
      return;
    case "x":
    case "X": {
      const box = cursor?.querySelector<HTMLInputElement>(".table__select input");
      if (!box) return;
      box.checked = event.shiftKey ? true : !box.checked;
      selectTo(box, event.shiftKey);
    }
  }
}

function move(table: HTMLElement, cursor: HTMLElement | null, step: number): void {
  const rows = [...table.querySelectorAll<HTMLElement>("tbody tr[data-row]")];
  const at = cursor ? rows.indexOf(cursor) + step : 0;
  const row = rows[Math.max(0, Math.min(rows.length - 1, at))];
  if (!row) return;
  cursor?.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector<HTMLElement>("input, a")?.focus({ preventScroll: true });
}
