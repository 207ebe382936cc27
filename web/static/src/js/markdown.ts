import { once } from "./content";
import { toast } from "./toast";

/** Adds a preview to a text area; the server renders, so that it is exact. */
export const markdown = once<HTMLElement>("[data-markdown]", (box) => {
  const url = box.dataset.markdown;
  const area = box.querySelector("textarea");
  const foot = box.querySelector(".markdown-input__foot");
  if (!url || !area || !foot) return;

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--ghost button--small";
  button.textContent = "Preview";
  const view = document.createElement("div");
  view.className = "markdown-input__preview prose";
  view.hidden = true;
  area.after(view);
  foot.append(button);

  button.addEventListener("click", async () => {
    if (view.hidden && !(await render(url, area.value, view))) return;
    view.hidden = !view.hidden;
    area.hidden = !view.hidden;
    button.textContent = view.hidden ? "Preview" : "Write";
    if (view.hidden) area.focus();
  });
});

async function render(url: string, text: string, view: HTMLElement): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ text }), credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    view.innerHTML = await answer.text(); // sanitised by our own server
    return true;
  } catch {
    toast({ text: "The preview could not be made. Your text is still here.", tone: "attention" });
    return false;
  }
}
