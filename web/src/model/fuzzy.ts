/** Finding by a few typed letters. Pure. */

/**
 * How well `text` fits what was typed, higher is better; null where it does not. Every word must occur; the beginning of the text
 * counts most, then the beginning of a word, then anywhere; letters in order but apart come last.
 */
export function fitOf(text: string, typed: string): number | null {
  const name = text.toLowerCase();
  let sum = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const fit = wordFit(name, word);
    if (fit === null) return null;
    sum += fit;
  }
  return sum - name.length / 1000;
}

function wordFit(name: string, word: string): number | null {
  if (name.startsWith(word)) return 4;
  const at = name.indexOf(word);
  if (at > 0) return /[\s/_.:-]/.test(name[at - 1]) ? 3 : 2;
  return isSpread(name, word) ? 1 : null;
}

/** Whether the letters occur in this order. */
function isSpread(name: string, word: string): boolean {
  let from = 0;
  for (const letter of word) {
    from = name.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

/** The items that fit, the best first; all of them, as they are, when nothing was typed. */
export function fitting<T>(items: readonly T[], typed: string, textOf: (item: T) => string): T[] {
  if (typed.trim() === "") return [...items];
  return items
    .map((item) => ({ item, fit: fitOf(textOf(item), typed) }))
    .filter((entry): entry is { item: T; fit: number } => entry.fit !== null)
    .sort((a, b) => b.fit - a.fit)
    .map((entry) => entry.item);
}
