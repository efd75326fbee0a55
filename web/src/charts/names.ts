/** Names that do not fit where they stand: what they have in common, and where they can be cut. Pure. */

export type Measure = (text: string) => number;

export interface CommonNames {
  /** What all names begin and end with, whole words, and what is left of each. */
  start: string;
  end: string;
  cores: string[];
}

/** What names have in common, so that it is said once; `compact` names are shown without it. */
export function commonNames(names: readonly string[]): CommonNames {
  const start = commonStart(names);
  const rests = names.map((name) => name.slice(start));
  const end = commonEnd(rests);
  const cores = rests.map((name) => name.slice(0, name.length - end));
  return { start: (names[0] ?? "").slice(0, start), end: end === 0 ? "" : names[0].slice(-end), cores };
}

/** Where a name that is too long is cut, as shares of what is kept in front of the cut. */
const CUTS = [0.5, 0.25, 0.75, 0, 1];

/** Names no wider than `room`, cut there where most of them stay different. */
export function shortNames(names: readonly string[], room: number, measure: Measure): string[] {
  if (names.every((name) => measure(name) <= room)) return [...names];
  const tries = CUTS.map((share) => names.map((name) => cut(name, share, room, measure)));
  const kinds = tries.map((tried) => new Set(tried).size);
  return tries[kinds.indexOf(Math.max(...kinds))];
}

function cut(name: string, share: number, room: number, measure: Measure): string {
  let text = name;
  for (let kept = Math.floor((name.length * room) / measure(name)); measure(text) > room && kept > 0; kept--) {
    const front = Math.round(kept * share);
    text = `${name.slice(0, front)}…${name.slice(name.length - (kept - front))}`;
  }
  return text;
}

/** How many letters all names begin with, up to the end of a word. */
function commonStart(names: readonly string[]): number {
  if (names.length < 2) return 0;
  const shortest = Math.min(...names.map((name) => name.length));
  let count = 0;
  while (count < shortest - 1 && names.every((name) => name[count] === names[0][count])) count++;
  return /.*(?:[-_/, :=]|(?<!\d)\.)/.exec(names[0].slice(0, count))?.[0].length ?? 0;
}

/** How many letters all names end with, from the beginning of a word. */
function commonEnd(names: readonly string[]): number {
  return commonStart(names.map((name) => name.split("").reverse().join("")));
}
