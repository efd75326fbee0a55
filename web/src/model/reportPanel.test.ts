import { expect, test } from "vitest";
import { goneRuns, parsePanel, pickRuns, runsQuery } from "./reportPanel";

test("a panel is read from its lines", () => {
  expect(parsePanel("metric: loss, val_loss\nruns: a, b\nsmooth: 0.9\nlog: yes\n", "digits")).toEqual({
    project: "digits",
    runs: ["a", "b"],
    metrics: ["loss", "val_loss"],
    x: null,
    smoothing: 0.9,
    log: true,
    height: 240,
  });
});

test("what is no panel says why", () => {
  expect(() => parsePanel("runs: a", "p")).toThrow("names its metrics");
  expect(() => parsePanel("metric: a\ncolour: red", "p")).toThrow("Received: colour");
  expect(() => parsePanel("loss", "p")).toThrow("name: value");
});

test("runs are found by id, then by name; none named means the newest", () => {
  const all = [
    { id: "1", name: "new" },
    { id: "2", name: "old" },
    { id: "3", name: "old" },
  ];
  expect(pickRuns(all, ["old", "1"]).map((run) => run.id)).toEqual(["2", "3", "1"]);
  expect(pickRuns(all, [])).toHaveLength(3);
  expect(pickRuns(all, ["1", "new"]).map((run) => run.id)).toEqual(["1"]);
  expect(goneRuns(pickRuns(all, ["new", "3", "lost"]), ["new", "3", "lost"])).toEqual(["lost"]);
});

test("named runs are asked for by id and name, however many there are", () => {
  expect(JSON.parse(runsQuery(["a"]).filter ?? "")).toEqual({
    $or: [{ id: { $in: ["a"] } }, { name: { $in: ["a"] } }],
  });
  expect(runsQuery([])).toEqual({ order: "-created_s", columns: "config._none", limit: 5 });
});
