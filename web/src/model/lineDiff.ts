/** The difference of two sequences, line by line: the shortest edit (Myers), with a bound on the work. Pure. */

export interface DiffLine {
  kind: "same" | "add" | "remove";
  text: string;
  /** Line numbers from 1; null on the side that has no such line. */
  left: number | null;
  right: number | null;
}

/** Beyond so many edits the middle parts are told as removed and added: two texts that have nothing in common. */
const MAX_EDITS = 2000;

/** All lines of both texts in order. */
export function diffLines(left: readonly string[], right: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let tail = 0;
  while (
    tail < left.length - start &&
    tail < right.length - start &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  ) {
    tail++;
  }
  const middle = shortestEdit(left.slice(start, left.length - tail), right.slice(start, right.length - tail));
  const kinds: DiffLine["kind"][] = [
    ...new Array<"same">(start).fill("same"),
    ...middle,
    ...new Array<"same">(tail).fill("same"),
  ];
  let [l, r] = [0, 0];
  return kinds.map((kind) => {
    if (kind === "add") return { kind, text: right[r], left: null, right: ++r };
    if (kind === "remove") return { kind, text: left[l], left: ++l, right: null };
    return { kind, text: left[l], left: ++l, right: ++r };
  });
}

function shortestEdit(left: readonly string[], right: readonly string[]): DiffLine["kind"][] {
  const [n, m] = [left.length, right.length];
  const max = Math.min(n + m, MAX_EDITS);
  const reach = new Int32Array(2 * max + 3);
  const trace: Int32Array[] = [];
  const at = (k: number) => k + max + 1;
  for (let edits = 0; edits <= max; edits++) {
    trace.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      const isDown = k === -edits || (k !== edits && reach[at(k - 1)] < reach[at(k + 1)]);
      let x = isDown ? reach[at(k + 1)] : reach[at(k - 1)] + 1;
      while (x < n && x - k < m && left[x] === right[x - k]) x++;
      reach[at(k)] = x;
      if (x >= n && x - k >= m) return walkBack(trace, n, m, at);
    }
  }
  return [...new Array<"remove">(n).fill("remove"), ...new Array<"add">(m).fill("add")];
}

function walkBack(trace: Int32Array[], n: number, m: number, at: (k: number) => number): DiffLine["kind"][] {
  const kinds: DiffLine["kind"][] = [];
  let [x, y] = [n, m];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits];
    const k = x - y;
    const isDown = k === -edits || (k !== edits && reach[at(k - 1)] < reach[at(k + 1)]);
    const before = isDown ? k + 1 : k - 1;
    const [fromX, fromY] = edits === 0 ? [0, 0] : [reach[at(before)], reach[at(before)] - before];
    while (x > fromX && y > fromY) {
      kinds.push("same");
      x--;
      y--;
    }
    if (edits > 0) kinds.push(isDown ? "add" : "remove");
    [x, y] = [fromX, fromY];
  }
  return kinds.reverse();
}

export interface Hunk {
  lines: DiffLine[];
  /** How many equal lines were left out in front of it. */
  skipped: number;
}

/** The changed lines with `context` equal ones around them. */
export function hunks(lines: readonly DiffLine[], context = 3): Hunk[] {
  const isNear = new Uint8Array(lines.length);
  lines.forEach((line, index) => {
    if (line.kind !== "same") isNear.fill(1, Math.max(0, index - context), index + context + 1);
  });
  const found: Hunk[] = [];
  let skipped = 0;
  lines.forEach((line, index) => {
    if (!isNear[index]) skipped++;
    else if (skipped > 0 || found.length === 0) {
      found.push({ lines: [line], skipped });
      skipped = 0;
    } else found[found.length - 1].lines.push(line);
  });
  return found;
}

/** The first hunks with at most `most` lines together, the last of them cut if need be, and how many lines are left out. */
export function firstLines(found: readonly Hunk[], most: number): { hunks: Hunk[]; left: number } {
  const shown: Hunk[] = [];
  let room = most;
  for (const hunk of found) {
    if (room > 0) shown.push({ ...hunk, lines: hunk.lines.slice(0, room) });
    room -= hunk.lines.length;
  }
  return { hunks: shown, left: Math.max(0, -room) };
}
