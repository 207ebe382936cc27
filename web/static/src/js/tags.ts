import { once } from "./content";

/** Turns a comma-separated text field into removable words. */
export const tags = once<HTMLElement>("[data-tags]", (box) => {
  const posted = box.querySelector<HTMLInputElement>("input");
  if (!posted || posted.readOnly) return;
  const typed = posted.cloneNode() as HTMLInputElement;
  typed.removeAttribute("name");
  typed.value = "";
  posted.removeAttribute("id");
  posted.removeAttribute("required");
  posted.type = "hidden";
  box.classList.add("tags-input--live");
  box.append(typed);

  let words = split(posted.value);
  const save = () => {
    posted.value = words.join(", ");
    posted.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };
  const draw = () => {
    box.querySelectorAll(".tags-input__tag").forEach((tag) => tag.remove());
    for (const word of words) box.insertBefore(tagOf(word, () => { words = words.filter((w) => w !== word); save(); typed.focus(); }), typed);
    typed.required = typed.dataset.required === "true" && words.length === 0;
  };
  typed.dataset.required = String(typed.required);
  const take = () => {
    const more = split(typed.value).filter((word) => !words.includes(word));
    typed.value = "";
    if (more.length > 0) { words = [...words, ...more]; save(); }
  };

  typed.addEventListener("keydown", (event) => {
    if (event.key === "," || (event.key === "Enter" && typed.value.trim() !== "")) { event.preventDefault(); take(); }
    if (event.key === "Backspace" && typed.value === "" && words.length > 0) { words = words.slice(0, -1); save(); }
  });
  typed.addEventListener("blur", take);
  box.addEventListener("click", (event) => { if (event.target === box) typed.focus(); });
  posted.form?.addEventListener("kept", () => { words = split(posted.value); draw(); });
  draw();
});

function split(text: string): string[] {
  return [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];
}

function tagOf(word: string, remove: () => void): HTMLElement {
  const tag = document.createElement("span");
  tag.className = "tags-input__tag";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.setAttribute("aria-label", `Remove ${word}`);
  button.addEventListener("click", remove);
  tag.append(word, button);
  return tag;
}
