/** Marks the tab whose part was fetched, as the page would have come back. */
export function tabs(): void {
  const mark = () => {
    for (const list of document.querySelectorAll(".tabs:has([data-tab])")) {
      const links = [...list.querySelectorAll<HTMLAnchorElement>("a[data-tab]")];
      const current = links.find((link) => link.href === location.href);
      if (!current) continue;
      for (const link of links) {
        if (link === current) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    }
  };
  for (const moment of ["htmx:after:history:push", "htmx:after:swap"]) document.addEventListener(moment, mark);
  window.addEventListener("popstate", mark);
}
