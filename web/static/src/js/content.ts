type Prepare = (root: ParentNode) => void;

const preparations: Prepare[] = [];

/** Runs prepare on the page and on everything that htmx swaps in later. */
export function onContent(prepare: Prepare): void {
  preparations.push(prepare);
  prepare(document);
}

/** Prepares content that was put into the page by hand. */
export function prepareContent(root: ParentNode): void {
  for (const prepare of preparations) prepare(root);
}

document.addEventListener("htmx:after:swap", () => prepareContent(document));

/** Calls prepare once for every element that matches, however often it is asked. */
export function once<E extends Element>(selector: string, prepare: (element: E) => void): Prepare {
  const seen = new WeakSet<Element>();
  return (root) => {
    for (const element of root.querySelectorAll<E>(selector)) {
      if (seen.has(element)) continue;
      seen.add(element);
      prepare(element);
    }
  };
}

/** Fetches an HTML fragment of our own server. A newer call replaces an older one. */
export function fragmentSource(): (url: string | URL) => Promise<string | null> {
  let running: AbortController | null = null;
  return async (url) => {
    running?.abort();
    const mine = (running = new AbortController());
    try {
      const answer = await fetch(url, {
        headers: { "HX-Request": "true", Accept: "text/html" },
        credentials: "same-origin",
        signal: mine.signal,
      });
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      const text = await answer.text();
      return mine.signal.aborted ? null : text;
    } catch (problem) {
      if (mine.signal.aborted) return null;
      throw problem;
    }
  };
}

/** The address with a query parameter set. */
export function withQuery(url: string, name: string, value: string): URL {
  const address = new URL(url, location.href);
  address.searchParams.set(name, value);
  return address;
}

/** Delays calls until there was none for a while. */
export function debounced<A extends unknown[]>(delay: number, call: (...args: A) => void): (...args: A) => void {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => call(...args), delay);
  };
}

/** Whether a key press belongs to what somebody is typing. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return !!target?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

/** Storage that may be forbidden by the browser: then nothing is kept. */
export function stored(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Full or forbidden: the page works without it.
  }
}
