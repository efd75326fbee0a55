import { describe, expect, test } from "vitest";
import { SeriesBatcher } from "./batch";
import type { Series, SeriesKey, SeriesQuery } from "./series";

const STEP: SeriesQuery = { x: "step", buckets: 500 };
const ask = (key: string, version = 0, run = "r") => ({ project: "p", run, key, version });

function setUp(capacity = 100) {
  const calls: { series: SeriesKey[]; query: SeriesQuery }[] = [];
  let flush = () => {};
  const fetch = async (series: SeriesKey[], query: SeriesQuery): Promise<Series[]> => {
    calls.push({ series, query });
    if (series.some((one) => one.key === "bad")) throw new Error("refused");
    const empty = new Float64Array();
    return series.map((one) => ({ ...one, kind: "points", totalPoints: 0, x: empty, y: empty }));
  };
  const batcher = new SeriesBatcher(fetch, (work) => (flush = work), capacity);
  return { calls, batcher, flush: () => flush() };
}

describe("SeriesBatcher", () => {
  test("what is asked within a frame is one request, each key once", async () => {
    const { calls, batcher, flush } = setUp();
    const first = batcher.load([ask("loss"), ask("accuracy")], STEP);
    const second = batcher.load([ask("loss"), ask("lr")], STEP);
    flush();
    expect((await first).map((one) => one.key)).toEqual(["loss", "accuracy"]);
    expect((await second).map((one) => one.key)).toEqual(["loss", "lr"]);
    expect(calls.map((call) => call.series.map((one) => one.key))).toEqual([["loss", "accuracy", "lr"]]);
  });

  test("another x axis, width or range is a request of its own", async () => {
    const { calls, batcher, flush } = setUp();
    const all = [STEP, { ...STEP, x: "time" }, { ...STEP, buckets: 900 }, { ...STEP, xMin: 1, xMax: 2 }];
    const answers = all.map((query) => batcher.load([ask("loss")], query));
    flush();
    await Promise.all(answers);
    expect(calls.map((call) => call.query)).toEqual(all);
  });

  test("an answer is kept until the run's version changes", async () => {
    const { calls, batcher, flush } = setUp();
    for (const version of [0, 0, 1, 1]) {
      const answer = batcher.load([ask("loss", version)], STEP);
      flush();
      await answer;
    }
    expect(calls.length).toBe(2);
  });

  test("a failure reaches every asker and is not remembered", async () => {
    const { calls, batcher, flush } = setUp();
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = batcher.load([ask("bad")], STEP);
      flush();
      await expect(answer).rejects.toThrow("refused");
    }
    expect(calls.length).toBe(2);
  });

  test("the least recently used answers are forgotten first", async () => {
    const { calls, batcher, flush } = setUp(2);
    for (const key of ["a", "b", "a", "c", "a", "b"]) {
      const answer = batcher.load([ask(key)], STEP);
      flush();
      await answer;
    }
    expect(calls.map((call) => call.series[0].key)).toEqual(["a", "b", "c", "b"]);
  });

  test("very many series are split over several requests", async () => {
    const { calls, batcher, flush } = setUp(5000);
    const answer = batcher.load(
      Array.from({ length: 900 }, (_, index) => ask("loss", 0, `r${index}`)),
      STEP,
    );
    flush();
    expect((await answer).map((one) => one.run)[899]).toBe("r899");
    expect(calls.map((call) => call.series.length)).toEqual([400, 400, 100]);
  });
});
