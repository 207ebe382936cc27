
const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31557600],
  ["month", 2629800],
  ["week", 604800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

/** Says how long ago it was; the full time stays as the hint. */
export function relativeTimes(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const seconds = (Date.parse(element.dateTime) - Date.now()) / 1000;
    if (Number.isNaN(seconds)) continue;
    if (!element.title) element.title = element.textContent ?? "";
    element.textContent = inWords(seconds);
  }
}

function inWords(seconds: number): string {
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

window.setInterval(() => onlyVisible(), 60000);

function onlyVisible(): void {
  if (document.visibilityState === "visible") relativeTimes(document);
}
