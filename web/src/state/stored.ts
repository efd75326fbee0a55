/** Small choices kept in this browser (column widths, colours). Never fails: without storage they last as long as the page. */

export function readStored<T>(key: string, fallback: T): T {
  try {
    const text = localStorage.getItem("kerascope." + key);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem("kerascope." + key, JSON.stringify(value));
  } catch {
    // Full or forbidden: nothing that matters is lost.
  }
}
