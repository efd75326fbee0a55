/** The lines of the gallery, and their answer in the form of POST /api/series. */

import type { SeriesKey } from "../api/series";
import { normal } from "./random";

const STEPS = 400;

export function seriesAnswer(body: { series: SeriesKey[] }): Response {
  const series = body.series.map((key) => ({ ...key, columns: columnsOf(key) }));
  let offset = 0;
  const entries = series.map(({ columns, ...key }) => {
    const names = Object.keys(columns);
    const entry = {
      ...key,
      kind: names.includes("mean") ? "buckets" : "points",
      count: STEPS,
      total_points: names.includes("mean") ? STEPS * 100 : STEPS,
      columns: names,
      offset,
    };
    offset += names.length * STEPS * 8;
    return entry;
  });
  const header = new TextEncoder().encode(JSON.stringify({ series: entries }));
  const start = Math.ceil((4 + header.length) / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(32);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  const data = new Float64Array(bytes.buffer, start);
  series.flatMap(({ columns }) => Object.values(columns)).forEach((column, place) => data.set(column, place * STEPS));
  return new Response(bytes);
}

/** A falling loss with noise, its gap of NaN and a spike; `spread` has many points in each bucket. */
function columnsOf({ run, key }: SeriesKey): Record<string, number[]> {
  const number = Number(run.replace("run-", ""));
  const noise = normal(number * 31 + key.length);
  const x = Array.from({ length: STEPS }, (_, step) => step);
  const y = x.map((step) => (2 + 0.3 * number) / (1 + step / 40) + 0.1 * number + 0.05 * noise());
  if (key === "spread") {
    const [min, max] = [-1, 1].map((sign) => y.map((value) => value + sign * (0.1 + 0.05 * Math.abs(noise()))));
    return { x, mean: y, min, max: max.map((value, step) => (step === 300 ? value + 1.5 : value)) };
  }
  if (number === 1) for (let step = 150; step < 190; step++) y[step] = NaN;
  return { x, y };
}
