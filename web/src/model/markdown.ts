/**
 * Markdown as a tree, for notes and reports: headings, lists, tasks, quotes, tables, rules, fenced code, emphasis, links and pictures. Pure.
 *
 * No HTML comes out of it: what is drawn are elements with text in them, so that no text can become code. Addresses of links and
 * pictures are checked here; all others stay text.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "image"; src: string; alt: string }
  | { kind: "break" };

export type Block =
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: { task: boolean | null; blocks: Block[] }[] }
  | { kind: "table"; head: Inline[][]; align: ("left" | "center" | "right")[]; rows: Inline[][][] }
  | { kind: "rule" };

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*(.*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+)(.*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const DIVIDER = /^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$|^\s*\|\s*:?-+:?\s*\|?\s*$/;

export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n"));
}

function parseBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (line.trim() === "") {
      at++;
      continue;
    }
    const [block, next] = blockAt(lines, at);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** The block that begins at a line that is not empty, and where the next one may begin. */
function blockAt(lines: readonly string[], at: number): [Block, number] {
  const line = lines[at];
  const fence = FENCE.exec(line);
  if (fence) return fencedCode(lines, at, fence[1], fence[2].trim());
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: "heading", level: heading[1].length, children: parseInline(heading[2]) }, at + 1];
  if (RULE.test(line)) return [{ kind: "rule" }, at + 1];
  if (QUOTE.test(line)) return quote(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "")) return table(lines, at);
  return paragraph(lines, at);
}

function fencedCode(lines: readonly string[], at: number, fence: string, language: string): [Block, number] {
  let end = at + 1;
  const isEnd = (line: string) => new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`).test(line);
  while (end < lines.length && !isEnd(lines[end])) end++;
  return [{ kind: "code", language, text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function quote(lines: readonly string[], at: number): [Block, number] {
  const inner: string[] = [];
  let end = at;
  for (let match = QUOTE.exec(lines[end]); match; match = QUOTE.exec(lines[++end] ?? "")) inner.push(match[1]);
  return [{ kind: "quote", blocks: parseBlocks(inner) }, end];
}

function list(lines: readonly string[], at: number): [Block, number] {
  const first = ITEM.exec(lines[at]);
  const marker = first?.[2] ?? "-";
  const ordered = /\d/.test(marker);
  const items: { task: boolean | null; blocks: Block[] }[] = [];
  let end = at;
  while (end < lines.length) {
    const match = ITEM.exec(lines[end]);
    if (!match || /\d/.test(match[2]) !== ordered || RULE.test(lines[end])) break;
    const indent = match[1].length + match[2].length + Math.min(match[3].length, 4);
    const inner = [match[4]];
    end++;
    while (end < lines.length && (lines[end].trim() === "" || indentOf(lines[end]) >= Math.min(indent, 2))) {
      if (lines[end].trim() === "" && indentOf(lines[end + 1] ?? "") < Math.min(indent, 2)) break;
      inner.push(lines[end].slice(Math.min(indent, indentOf(lines[end]))));
      end++;
    }
    const task = /^\[([ xX])\]\s+(.*)$/.exec(inner[0]);
    if (task) inner[0] = task[2];
    items.push({ task: task ? task[1] !== " " : null, blocks: parseBlocks(inner) });
    while (end < lines.length && lines[end].trim() === "" && ITEM.test(lines[end + 1] ?? "")) end++;
  }
  return [{ kind: "list", ordered, start: ordered ? parseInt(marker) : 1, items }, end];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function table(lines: readonly string[], at: number): [Block, number] {
  const cells = (line: string) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const align = cells(lines[at + 1]).map((cell): "left" | "center" | "right" =>
    /^:-+:$/.test(cell) ? "center" : cell.endsWith(":") ? "right" : "left",
  );
  const rows: Inline[][][] = [];
  let end = at + 2;
  for (; end < lines.length && lines[end].includes("|"); end++) rows.push(cells(lines[end]).map(parseInline));
  return [{ kind: "table", head: cells(lines[at]).map(parseInline), align, rows }, end];
}

function paragraph(lines: readonly string[], at: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() !== "") {
    const line = lines[end];
    if (FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || RULE.test(line) || ITEM.test(line)) break;
    end++;
  }
  const text = lines.slice(at, end).map((line) => line.trimStart());
  return [{ kind: "paragraph", children: parseInline(text.join("\n")) }, end];
}

const PATTERNS: [RegExp, (match: RegExpExecArray) => Inline][] = [
  [/^\\([!-/:-@[-`{-~])/, (match) => ({ kind: "text", text: match[1] })],
  [/^(`+)([^`]|[^`][\s\S]*?[^`])\1(?!`)/, (match) => ({ kind: "code", text: match[2].trim() })],
  [/^!\[([^\]]*)\]\(\s*(\S+?)(?:\s+"[^"]*")?\s*\)/, (match) => imageOf(match[1], match[2], match[0])],
  [/^\[([^\]]+)\]\(\s*(\S+?)(?:\s+"[^"]*")?\s*\)/, (match) => linkOf(match[1], match[2], match[0])],
  [/^<(https?:\/\/[^\s>]+)>/, (match) => linkOf(match[1], match[1], match[0])],
  [/^https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"]/, (match) => linkOf("", match[0], match[0])],
  [/^(\*\*|__)(?=\S)([\s\S]*?\S)\1/, (match) => ({ kind: "strong", children: parseInline(match[2]) })],
  [/^~~(?=\S)([\s\S]*?\S)~~/, (match) => ({ kind: "del", children: parseInline(match[1]) })],
  [/^\*(?=\S)([\s\S]*?\S)\*(?!\*)/, (match) => ({ kind: "em", children: parseInline(match[1]) })],
  [/^_(?=\S)([\s\S]*?\S)_(?!\w)/, (match) => ({ kind: "em", children: parseInline(match[1]) })],
  [/^(?: {2,}|\\)\n/, () => ({ kind: "break" })],
];

export function parseInline(text: string): Inline[] {
  const found: Inline[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") found.push({ kind: "text", text: plain });
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const match = firstMatch(text, at);
    if (match === null) {
      plain += text[at++];
    } else {
      flush();
      found.push(match.inline);
      at += match.length;
    }
  }
  flush();
  return found;
}

function firstMatch(text: string, at: number): { inline: Inline; length: number } | null {
  // Only these characters begin something; inside a word `_` and addresses do not.
  if (!/[\\`![<*_~h ]/.test(text[at])) return null;
  if (/[_h]/.test(text[at]) && /\w/.test(text[at - 1] ?? "")) return null;
  const rest = text.slice(at);
  for (const [pattern, make] of PATTERNS) {
    const match = pattern.exec(rest);
    if (match) return { inline: make(match), length: match[0].length };
  }
  return null;
}

/** An address that is safe to follow: a page of this dashboard, the web, or mail. */
function isSafeLink(href: string): boolean {
  return /^(https?:\/\/|mailto:|\/(?!\/)|#|\?)/i.test(href);
}

function linkOf(text: string, href: string, source: string): Inline {
  if (!isSafeLink(href)) return { kind: "text", text: source };
  return {
    kind: "link",
    href,
    children: text === "" || text === href ? [{ kind: "text", text: href }] : parseInline(text),
  };
}

/** Pictures come from this dashboard only: the page talks to no other machine. */
function imageOf(alt: string, src: string, source: string): Inline {
  if (/^\/api\//.test(src) || /^data:image\/(png|jpeg|gif|webp);base64,/.test(src)) return { kind: "image", src, alt };
  return isSafeLink(src) ? linkOf(alt || src, src, source) : { kind: "text", text: source };
}
