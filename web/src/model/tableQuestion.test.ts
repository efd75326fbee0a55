import { expect, test } from "vitest";
import {
  drawnOrder,
  headOf,
  isGain,
  isMeasure,
  keyQuestion,
  likelyKeys,
  likelyMeasure,
  lookOf,
  outcomesOf,
  PLAIN_VIEW,
  questionOf,
  valueOf,
  type Comparison,
} from "./tableQuestion";

const source = { sha256: "a" };
const comparison: Comparison = {
  label: "step 1",
  source: { sha256: "b" },
  keys: ["id"],
  how: "inner",
  column: "score",
  isNumber: true,
  isGain: true,
  outcome: "all",
};

test("a plain view asks for the table as it is", () => {
  expect(questionOf(source, PLAIN_VIEW)).toEqual({
    source,
    search: null,
    filter: null,
    group: null,
    join: null,
    order: [],
  });
});

test("conditions are joined by and; what reads like a number is one", () => {
  const view = {
    ...PLAIN_VIEW,
    conditions: [
      { column: "score", operator: "gt" as const, text: "0.5" },
      { column: "label", operator: "not" as const, text: "cat" },
    ],
  };
  expect(questionOf(source, view).filter).toEqual({ $and: [{ score: { $gt: 0.5 } }, { label: { $ne: "cat" } }] });
  expect([valueOf("1e3"), valueOf("true"), valueOf(""), valueOf("7b")]).toEqual([1000, true, "", "7b"]);
});

test("compared rows show the greatest loss first, whichever way is better", () => {
  expect(questionOf(source, { ...PLAIN_VIEW, comparison }).order).toEqual(["score_diff"]);
  const loss = { ...comparison, isGain: false, outcome: "better" as const };
  const question = questionOf(source, { ...PLAIN_VIEW, comparison: loss });
  expect([question.order, question.filter]).toEqual([["-score_diff"], { score_diff: { $lt: 0 } }]);
});

test("rows of one table alone did not change, and are there where they are asked for", () => {
  const outer = { ...comparison, how: "outer" as const, outcome: "changed" as const };
  const question = questionOf(source, { ...PLAIN_VIEW, comparison: outer });
  expect(question.join?.how).toBe("outer");
  expect(question.filter).toEqual({ score_diff: { $ne: 0, $exists: true } });
  expect(outcomesOf({ ...comparison, isNumber: false })).toEqual(["all", "changed"]);
});

test("texts that changed are those unlike their twin", () => {
  const guess = { ...comparison, column: "guess", isNumber: false, outcome: "changed" as const };
  const question = questionOf(source, { ...PLAIN_VIEW, comparison: guess });
  expect(question.filter).toEqual({ guess: { $ne: { $column: "guess_2" } } });
});

test("groups are counted, the largest first", () => {
  const view = { ...PLAIN_VIEW, groupBy: ["label"], aggregates: [{ op: "mean" as const, column: "score" }] };
  const question = questionOf(source, view);
  expect(question.group).toEqual({ by: ["label"], aggregates: [{ op: "count" }, { op: "mean", column: "score" }] });
  expect(question.order).toEqual(["-count"]);
});

test("a difference has a look of its own", () => {
  expect(lookOf({ name: "score_diff", kind: "number", media: null }, comparison)).toBe("change");
  expect(lookOf({ name: "score", kind: "number", media: null }, comparison)).toBe("number");
});

const column = (name: string, kind = "number", media: string | null = null) => ({
  name,
  kind,
  media,
  table: null,
  shape: null,
});

test("rows belong together by a column that is called like a key, else by their number", () => {
  expect(likelyKeys([column("score"), column("example_id")])).toEqual(["example_id"]);
  expect(likelyKeys([column("digit"), column("score"), column("valid")])).toEqual([]);
  expect(questionOf(source, { ...PLAIN_VIEW, comparison: { ...comparison, keys: [] } }).join?.on).toBeNull();
});

test("what is called like a score is compared, else the last column of numbers", () => {
  const likely = (...columns: [string, string][]) => likelyMeasure(columns.map(([name, kind]) => column(name, kind)));
  expect(likely(["example", "number"], ["digit", "number"], ["right", "boolean"])).toBe("right");
  expect(likely(["id", "number"], ["val_loss", "number"], ["area", "number"])).toBe("val_loss");
  expect(likely(["id", "number"], ["area", "number"], ["seen", "boolean"])).toBe("area");
  expect(likely(["id", "number"], ["scoreboard", "string"], ["seen", "boolean"])).toBe("id");
  expect([likely(["text", "string"]), likely()]).toEqual(["text", null]);
  expect([isGain("accuracy"), isGain("val_loss")]).toEqual([true, false]);
});

test("a key may have several columns, and all of them stand in front", () => {
  const both = { ...comparison, keys: ["id", "epoch"] };
  const question = questionOf(source, { ...PLAIN_VIEW, comparison: both });
  expect(question.join?.on).toEqual([
    ["id", "id"],
    ["epoch", "epoch"],
  ]);
  const columns = ["score", "epoch", "label", "id"].map((name) => column(name));
  expect(drawnOrder(columns, both).map((place) => columns[place].name)).toEqual(["id", "epoch", "score", "label"]);
  expect(keyQuestion(source, both.keys).group).toEqual({ by: ["id", "epoch"], aggregates: [{ op: "count" }] });
});

test("what is compared stands in front, with the name of the other table over its columns", () => {
  const columns = ["label", "id", "image", "score", "label_2", "image_2", "score_2", "score_diff"].map((name) =>
    column(name, "number", name.startsWith("image") ? "image-file" : null),
  );
  const names = drawnOrder(columns, comparison).map((place) => columns[place].name);
  expect(names).toEqual(["id", "image", "score", "score_2", "score_diff", "label", "label_2", "image_2"]);
  expect(drawnOrder(columns, null)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(headOf("score_2", columns, comparison)).toBe("score (step 1)");
  expect([headOf("other_2", columns, comparison), headOf("score_2", columns, null)]).toEqual(["other_2", "score_2"]);
});

test("a share of true can be computed, a mean of texts cannot", () => {
  expect(["number", "boolean", "string"].map((kind) => isMeasure(column("right", kind)))).toEqual([true, true, false]);
});
