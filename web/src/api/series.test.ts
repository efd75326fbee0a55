import { describe, expect, test } from "vitest";
import { decodeSeries } from "./series";

/** An answer as docs/http_api.md describes it, made independently of the decoder. */
function answer(entries: { header: object; columns: number[][] }[]): ArrayBuffer {
  let offset = 0;
  const series = entries.map(({ header, columns }) => {
    const entry = { ...header, offset };
    offset += columns.flat().length * 8;
    return entry;
  });
  const header = new TextEncoder().encode(JSON.stringify({ series }));
  const start = Math.ceil((4 + header.length) / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.length, true);
  bytes.set(header, 4);
  entries
    .flatMap(({ columns }) => columns.flat())
    .forEach((value, index) => view.setFloat64(start + index * 8, value, true));
  return bytes.buffer;
}

const points = (values: number[][]) => ({
  header: { project: "p", run: "r", key: "loss", kind: "points", count: 2, total_points: 2, columns: ["x", "y"] },
  columns: values,
});

describe("decodeSeries", () => {
  test("points come back as they were sent, NaN and infinities too", () => {
    const [series] = decodeSeries(
      answer([
        points([
          [0, 1],
          [NaN, Infinity],
        ]),
      ]),
    );
    expect(series).toMatchObject({ project: "p", run: "r", key: "loss", kind: "points", totalPoints: 2 });
    expect([...series.x]).toEqual([0, 1]);
    expect([...series.y]).toEqual([NaN, Infinity]);
    expect(series.min).toBeUndefined();
  });

  test("buckets have a mean as y, and both extremes", () => {
    const header = { project: "p", run: "r", key: "k", kind: "buckets", count: 1, total_points: 500 };
    const columns = ["x", "mean", "min", "max"];
    const [series] = decodeSeries(answer([{ header: { ...header, columns }, columns: [[5], [2], [-1], [9]] }]));
    expect([series.x[0], series.y[0], series.min?.[0], series.max?.[0]]).toEqual([5, 2, -1, 9]);
    expect(series.totalPoints).toBe(500);
  });

  test("each series is read from its own offset, whatever the length of the header", () => {
    for (let length = 1; length <= 16; length++) {
      const first = points([
        [0, 1],
        [2, 3],
      ]);
      first.header.key = "k".repeat(length);
      const second = points([
        [4, 5],
        [6, 7],
      ]);
      const decoded = decodeSeries(answer([first, second]));
      expect(decoded.map((series) => [...series.x, ...series.y])).toEqual([
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ]);
    }
  });

  test("an unknown key is an empty series", () => {
    const header = { project: "p", run: "r", key: "k", kind: "points", count: 0, total_points: 0, columns: ["x", "y"] };
    const [series] = decodeSeries(answer([{ header, columns: [[], []] }]));
    expect(series.x.length + series.y.length).toBe(0);
  });

  test("a cut answer is an error that says so", () => {
    const whole = answer([
      points([
        [0, 1],
        [2, 3],
      ]),
    ]);
    expect(() => decodeSeries(new ArrayBuffer(2))).toThrow(RangeError);
    expect(() => decodeSeries(whole.slice(0, 20))).toThrow(/cut off/);
    expect(() => decodeSeries(whole.slice(0, whole.byteLength - 8))).toThrow(RangeError);
  });
});
