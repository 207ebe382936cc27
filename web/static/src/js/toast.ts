type Notice = { text: string; tone?: string };

/** Shows a short notice. Other scripts and the HX-Trigger header raise "toast". */
export function toast(notice: Notice): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  const box = document.createElement("div");
  box.className = notice.tone ? `toast toast--${notice.tone}` : "toast";
  box.dataset.toast = "";
  const text = document.createElement("p");
  text.textContent = notice.text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast__undo";
  close.dataset.dismiss = "";
  close.textContent = "Dismiss";
  box.append(text, close);
  region.append(box);
}

// The answer itself says what is wrong: a conflict, a form with errors.
const explained = new Set([409, 422]);

export function toasts(): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  region.querySelectorAll<HTMLElement>("[data-toast]").forEach(leaveLater);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node instanceof HTMLElement && node.matches("[data-toast]")) leaveLater(node);
      }
    }
  }).observe(region, { childList: true });

  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-dismiss]");
    if (button) leave(button.closest<HTMLElement>("[data-toast]"));
  });
  document.addEventListener("toast", (event) => {
    const detail = (event as CustomEvent).detail;
    toast(typeof detail === "string" ? { text: detail } : (detail.value ?? detail));
  });
  document.addEventListener("htmx:error", () => toast({ text: "The server could not be reached. Nothing you typed was lost.", tone: "negative" }));
  document.addEventListener("htmx:response:error", (event) => {
    const status = (event as CustomEvent).detail?.ctx?.response?.status ?? 0;
    if (explained.has(status)) return;
    toast({ text: `The server refused (${status}). Nothing you typed was lost.`, tone: "negative" });
  });
}

// A failure stays until it was read; what can be undone stays longer; and nothing
// leaves under the pointer or the focus.
function leaveLater(box: HTMLElement): void {
  if (box.matches(".toast--negative")) return;
  const wait = box.querySelector("form") ? 12000 : 6000;
  const attempt = () => {
    if (box.matches(":hover, :focus-within")) window.setTimeout(attempt, 1500);
    else leave(box);
  };
  window.setTimeout(attempt, wait);
}

function leave(box: HTMLElement | null): void {
  if (!box) return;
  box.classList.add("toast--leaving");
  window.setTimeout(() => box.remove(), 220);
}
