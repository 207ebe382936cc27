/** Fills in for browsers without command buttons and light dismissal. */
export function dialogs(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog.dialog[open]:not([data-static])")) {
    dialog.close();
    dialog.showModal();
  }
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", obeyCommand);
  }
  if (!("closedBy" in HTMLDialogElement.prototype)) {
    document.addEventListener("click", (event) => {
      const dialog = event.target as HTMLDialogElement;
      if (dialog.matches?.("dialog[closedby=any]")) dialog.close();
    });
  }
}

function obeyCommand(event: MouseEvent): void {
  const button = (event.target as Element).closest("[commandfor]");
  if (!button) return;
  const dialog = document.getElementById(button.getAttribute("commandfor") ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  else dialog.close();
}
