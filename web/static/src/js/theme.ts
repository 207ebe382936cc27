// The choice is kept in a cookie, so that the server renders the right theme from
// the first byte on.
export function theme(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-theme-form]")) return;
    const button = event.submitter as HTMLButtonElement | null;
    if (!button) return;
    event.preventDefault();
    apply(button.value, form);
  });
}

function apply(choice: string, form: HTMLFormElement): void {
  document.documentElement.dataset.theme = choice;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${choice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  for (const button of form.querySelectorAll<HTMLButtonElement>("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === choice));
  }
  form.closest<HTMLElement>("[popover]")?.hidePopover();
}
