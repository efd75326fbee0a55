/** Metric lines: the binary answer of POST /api/series, and its decoder (docs/http_api.md, "Series, binary"). */

import { apiUrl, request } from "./client";

export interface SeriesKey {
  project: string;
  run: string;
  key: string;
}

export interface SeriesQuery {
  /** `step`, `time`, `relative` or a metric key. */
  x: string;
  buckets: number;
  xMin?: number;
  xMax?: number;
}

/** One line. Points have `y` only; buckets have a mean (`y`) and the extremes, so that no spike disappears. */
export interface Series extends SeriesKey {
  kind: "points" | "buckets";
  totalPoints: number;
  x: Float64Array;
  y: Float64Array;
  min?: Float64Array;
  max?: Float64Array;
}

interface HeaderEntry extends SeriesKey {
  kind: "points" | "buckets";
  count: number;
  total_points: number;
  columns: string[];
  offset: number;
}

/** Decodes an answer; the arrays are views of `buffer`, nothing is copied. Throws `RangeError` on a short answer. */
export function decodeSeries(buffer: ArrayBuffer): Series[] {
  if (buffer.byteLength < 4)
    throw new RangeError(`A series answer has at least 4 bytes. Received: ${buffer.byteLength}.`);
  const headerBytes = new DataView(buffer).getUint32(0, true);
  if (4 + headerBytes > buffer.byteLength) {
    throw new RangeError(`The series header is cut off. Received: ${buffer.byteLength} of ${4 + headerBytes} bytes.`);
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerBytes))) as {
    series: HeaderEntry[];
  };
  const dataStart = Math.ceil((4 + headerBytes) / 8) * 8;
  return header.series.map((entry) => decodeEntry(buffer, dataStart, entry));
}

function decodeEntry(buffer: ArrayBuffer, dataStart: number, entry: HeaderEntry): Series {
  const column = (name: string): Float64Array | undefined => {
    const index = entry.columns.indexOf(name);
    if (index < 0) return undefined;
    if (entry.count === 0) return new Float64Array(0);
    return new Float64Array(buffer, dataStart + entry.offset + index * entry.count * 8, entry.count);
  };
  const empty = new Float64Array(0);
  return {
    project: entry.project,
    run: entry.run,
    key: entry.key,
    kind: entry.kind,
    totalPoints: entry.total_points,
    x: column("x") ?? empty,
    y: column("y") ?? column("mean") ?? empty,
    min: column("min"),
    max: column("max"),
  };
}

/** Fetches many lines in one request; the answer has the order of `series`. */
export async function fetchSeries(series: readonly SeriesKey[], query: SeriesQuery): Promise<Series[]> {
  const body: Record<string, unknown> = { series, x: query.x, buckets: query.buckets };
  if (query.xMin !== undefined) body.x_min = query.xMin;
  if (query.xMax !== undefined) body.x_max = query.xMax;
  const response = await request(apiUrl("series"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return decodeSeries(await response.arrayBuffer());
}
