/** Numbers that look random and are the same everywhere: a generator from a seed (mulberry32). Pure. */

export type Random = () => number;

/** Uniform in [0, 1). */
export function uniform(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed about 0: the sum of twelve uniform numbers, which is the same to the last bit on every machine. */
export function normal(seed: number): Random {
  const next = uniform(seed);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  };
}
