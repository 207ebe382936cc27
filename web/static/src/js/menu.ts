/** Moves through an open menu with the arrow keys. */
export function menus(): void {
  document.addEventListener("toggle", (event) => {
    const menu = event.target as HTMLElement;
    if (!menu.matches(".menu") || (event as ToggleEvent).newState !== "open") return;
    items(menu)[0]?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest<HTMLElement>(".menu:popover-open");
    if (!menu) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  });

  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("#sidebar a[href]");
    const bar = document.getElementById("sidebar");
    if (link && bar?.matches(":popover-open") && matchMedia("(max-width: 63.99rem)").matches) bar.hidePopover();
  });
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("a[href], button, input:not([type=hidden])")].filter((item) => !item.matches(":disabled"));
}
