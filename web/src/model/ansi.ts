/** Terminal output: colours as spans, and carriage returns as the terminal would have shown them. Pure. */

export interface Span {
  text: string;
  /** CSS classes: `ansi-red`, `ansi-on-red`, `ansi-bold`, ... */
  classes: string;
  /** Colours that have no name, as CSS. */
  color?: string;
  background?: string;
}

/** Colours are a name of the sixteen basic ones, CSS, or nothing. */
interface Style {
  color: string;
  background: string;
  marks: Set<string>;
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const MARKS: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike" };
/** What ends a mark. */
const ENDS: Record<number, string[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["reverse"],
  29: ["strike"],
};
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
  const style: Style = { color: "", background: "", marks: new Set() };
  let from = 0;
  const push = (part: string) => {
    if (part !== "") spans.push(spanOf(part, style));
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") applyCodes(style, match[1]);
  }
  push(text.slice(from));
  return spans;
}

function spanOf(text: string, style: Style): Span {
  const { color, background, marks } = style;
  const classes = [
    COLORS.includes(color) && `ansi-${color}`,
    COLORS.includes(background) && `ansi-on-${background}`,
    ...[...marks].map((mark) => `ansi-${mark}`),
  ];
  const span: Span = { text, classes: classes.filter(Boolean).join(" ") };
  if (color !== "" && !COLORS.includes(color)) span.color = color;
  if (background !== "" && !COLORS.includes(background)) span.background = background;
  return span;
}

function applyCodes(style: Style, codes: string): void {
  // With colons the arguments belong to one code: `38:2::255:0:0` may name a colour space, `4:3` the kind of a line.
  const numbers = codes
    .replace(/([345]8:2):\d*:(?=\d+:\d+:\d)/g, "$1:")
    .replace(/\b4:(\d)/g, (_, kind: string) => (kind === "0" ? "24" : "4"))
    .split(/[;:]/)
    .map(Number);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i];
    if (code === 0) Object.assign(style, { color: "", background: "", marks: new Set() });
    else if (code in MARKS) style.marks.add(MARKS[code]);
    else if (code in ENDS) ENDS[code].forEach((mark) => style.marks.delete(mark));
    else if (code === 39) style.color = "";
    else if (code === 49) style.background = "";
    else if (code >= 30 && code <= 37) style.color = COLORS[code - 30];
    else if (code >= 90 && code <= 97) style.color = COLORS[code - 90];
    else if (code >= 40 && code <= 47) style.background = COLORS[code - 40];
    else if (code >= 100 && code <= 107) style.background = COLORS[code - 100];
    else if (code === 38 || code === 48 || code === 58) {
      const isIndexed = numbers[i + 1] === 5;
      const color = isIndexed ? indexedColor(numbers[i + 2]) : rgb(numbers.slice(i + 2, i + 5));
      if (code === 38) style.color = color;
      if (code === 48) style.background = color;
      i += isIndexed ? 2 : 4;
    }
  }
}

/** Of the 256 colours: sixteen names, a cube of 6 × 6 × 6, and 24 greys. */
function indexedColor(index: number): string {
  if (!(index >= 0 && index < 256)) return "";
  if (index < 16) return COLORS[index % 8];
  if (index >= 232) return rgb(Array(3).fill(8 + 10 * (index - 232)));
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  const place = index - 16;
  return rgb([level(Math.floor(place / 36)), level(Math.floor(place / 6) % 6), level(place % 6)]);
}

function rgb(parts: number[]): string {
  return parts.length === 3 && parts.every((part) => part >= 0 && part <= 255) ? `rgb(${parts.join(" ")})` : "";
}
