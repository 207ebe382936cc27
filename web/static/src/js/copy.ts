import { toast } from "./toast";

export function copyButtons(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      toast({ text: "Copied", tone: "positive" });
    } catch {
      toast({ text: "The browser did not allow copying. Select the text and press Ctrl C.", tone: "attention" });
    }
  });
}
