/**
 * A small random forest for regression with permutation importance: how much worse each tree predicts the samples it was not grown from
 * when one feature of them is shuffled. Pure; the seed fixes the result.
 */

interface Node {
  feature: number;
  threshold: number;
  left: Node | null;
  right: Node | null;
  value: number;
}

export interface ForestOptions {
  trees?: number;
  depth?: number;
  minLeaf?: number;
  seed?: number;
}

export type Matrix = readonly Float64Array[];

/** A generator of numbers in [0, 1): the 32-bit mix known as mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Importance of every group of columns (a number is one column, a name one column per value), as its share of the rise of the squared error;
 * 0 for what does not help, all 0 when nothing does. `columns` hold one value per sample.
 */
export function permutationImportance(
  columns: Matrix,
  groups: readonly (readonly number[])[],
  target: Float64Array,
  options: ForestOptions = {},
): number[] {
  const { trees = 80, depth = 8, minLeaf = 2, seed = 1 } = options;
  const random = randomNumbers(seed);
  const count = target.length;
  const rises = groups.map(() => 0);
  for (let tree = 0; tree < trees; tree++) {
    const inBag = Uint32Array.from({ length: count }, () => Math.floor(random() * count));
    const drawn = new Set(inBag);
    const outside = Uint32Array.from({ length: count }, (_, i) => i).filter((sample) => !drawn.has(sample));
    if (outside.length < 2) continue;
    const root = grow(columns, target, inBag, { depth, minLeaf, random });
    const base = squaredError(root, columns, target, outside, null);
    groups.forEach((group, place) => {
      const shuffled = shuffle(outside, random);
      rises[place] += squaredError(root, columns, target, outside, { group: new Set(group), shuffled }) - base;
    });
  }
  const positive = rises.map((rise) => Math.max(0, rise));
  const sum = positive.reduce((total, rise) => total + rise, 0);
  return positive.map((rise) => (sum > 0 ? rise / sum : 0));
}

interface Growth {
  depth: number;
  minLeaf: number;
  random: () => number;
}

function grow(columns: Matrix, target: Float64Array, samples: Uint32Array, growth: Growth): Node {
  let sum = 0;
  for (const sample of samples) sum += target[sample];
  const leaf: Node = { feature: -1, threshold: 0, left: null, right: null, value: sum / samples.length };
  if (growth.depth === 0 || samples.length < 2 * growth.minLeaf) return leaf;
  const split = bestSplit(columns, target, samples, growth);
  if (split === null) return leaf;
  const column = columns[split.feature];
  const next = { ...growth, depth: growth.depth - 1 };
  const left = samples.filter((sample) => column[sample] <= split.threshold);
  const right = samples.filter((sample) => column[sample] > split.threshold);
  return { ...leaf, ...split, left: grow(columns, target, left, next), right: grow(columns, target, right, next) };
}

/** The split with the least squared error among those of a random third of the columns (two at least). */
function bestSplit(columns: Matrix, target: Float64Array, samples: Uint32Array, { minLeaf, random }: Growth) {
  const wanted = Math.min(columns.length, Math.max(2, Math.ceil(columns.length / 3)));
  const candidates = shuffle(
    Uint32Array.from({ length: columns.length }, (_, i) => i),
    random,
  ).subarray(0, wanted);
  let [best, bestGain] = [null as { feature: number; threshold: number } | null, 1e-12];
  let total = 0;
  for (const sample of samples) total += target[sample];
  const count = samples.length;
  for (const feature of candidates) {
    const column = columns[feature];
    const sorted = samples.slice().sort((a, b) => column[a] - column[b]);
    let left = 0;
    for (let i = 0; i < count - 1; i++) {
      left += target[sorted[i]];
      const [value, after] = [column[sorted[i]], column[sorted[i + 1]]];
      if (value === after || i + 1 < minLeaf || count - i - 1 < minLeaf) continue;
      // Less squared error means: larger squares of the sums of both sides, each divided by its count.
      const right = total - left;
      const gain = (left * left) / (i + 1) + (right * right) / (count - i - 1) - (total * total) / count;
      if (gain > bestGain) [best, bestGain] = [{ feature, threshold: (value + after) / 2 }, gain];
    }
  }
  return best;
}

interface Shuffle {
  group: Set<number>;
  /** The sample whose values stand in for those of the sample at the same place. */
  shuffled: Uint32Array;
}

function squaredError(
  root: Node,
  columns: Matrix,
  target: Float64Array,
  samples: Uint32Array,
  change: Shuffle | null,
): number {
  let sum = 0;
  samples.forEach((sample, place) => {
    let node = root;
    while (node.left !== null && node.right !== null) {
      const source = change?.group.has(node.feature) ? change.shuffled[place] : sample;
      node = columns[node.feature][source] <= node.threshold ? node.left : node.right;
    }
    sum += (target[sample] - node.value) ** 2;
  });
  return sum / samples.length;
}

function shuffle(values: Uint32Array, random: () => number): Uint32Array {
  const out = values.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
