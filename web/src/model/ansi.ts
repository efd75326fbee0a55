/** Terminal output: colours as spans, and carriage returns as the terminal would have shown them. Pure. */

export interface Span {
  text: string;
  /** CSS classes: `ansi-red`, `ansi-bold`, ... */
  classes: string;
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// CSI sequences, OSC sequences (titles, links) and lone escapes: only the first kind with a final "m" means anything here.
const SEQUENCE = /\u001b\[([0-9;:]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g;

/** What a line looks like after its carriage returns and backspaces: progress bars show their last state. */
export function settle(text: string): string {
  const parts = text.split("\r").filter((part) => part !== "");
  const last = parts.length > 0 ? parts[parts.length - 1] : "";
  const kept: string[] = [];
  for (const character of last) {
    if (character === "\b") kept.pop();
    else kept.push(character);
  }
  return kept.join("");
}

/** The line as coloured spans. */
export function ansiSpans(text: string): Span[] {
  const spans: Span[] = [];
  const style = { color: "", bold: false, dim: false };
  let from = 0;
  const push = (part: string) => {
    if (part === "") return;
    const classes = [style.color && `ansi-${style.color}`, style.bold && "ansi-bold", style.dim && "ansi-dim"];
    spans.push({ text: part, classes: classes.filter(Boolean).join(" ") });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") applyCodes(style, match[1]);
  }
  push(text.slice(from));
  return spans;
}

function applyCodes(style: { color: string; bold: boolean; dim: boolean }, codes: string): void {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i];
    if (code === 0) Object.assign(style, { color: "", bold: false, dim: false });
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 39) style.color = "";
    else if (code >= 30 && code <= 37) style.color = COLORS[code - 30];
    else if (code >= 90 && code <= 97) style.color = COLORS[code - 90];
    else if (code === 38 || code === 48) {
      // 256-colour and true-colour forms carry arguments; the sixteen basic ones keep their names.
      const isIndexed = numbers[i + 1] === 5;
      if (code === 38 && isIndexed && numbers[i + 2] < 16) style.color = COLORS[numbers[i + 2] % 8];
      i += isIndexed ? 2 : 4;
    }
  }
}
