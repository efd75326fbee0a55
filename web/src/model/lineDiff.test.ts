import { expect, test } from "vitest";
import { diffLines, firstLines, hunks } from "./lineDiff";

const marks = { same: " ", add: "+", remove: "-" };
const show = (left: string, right: string) =>
  diffLines([...left], [...right])
    .map((line) => marks[line.kind] + line.text)
    .join("");

test("the shortest edit is found", () => {
  expect(show("abc", "abc")).toBe(" a b c");
  expect(show("abc", "axc")).toBe(" a-b+x c");
  expect(show("", "ab")).toBe("+a+b");
  expect(diffLines([..."abcabba"], [..."cbabac"]).filter((line) => line.kind !== "same")).toHaveLength(5);
});

test("any two texts can be rebuilt from their difference", () => {
  const random = (seed: number) => Array.from({ length: 40 }, (_, i) => "abcd"[(seed * (i + 7) * (i + 3)) % 4]);
  for (let seed = 1; seed < 30; seed++) {
    const [left, right] = [random(seed), random(seed * 3 + 1)];
    const lines = diffLines(left, right);
    expect(lines.filter((line) => line.kind !== "add").map((line) => line.text)).toEqual(left);
    expect(lines.filter((line) => line.kind !== "remove").map((line) => line.text)).toEqual(right);
  }
});

test("hunks keep the lines around a change and count those between", () => {
  const left = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  const right = left.map((text, i) => (i === 3 || i === 20 ? text + "!" : text));
  const found = hunks(diffLines(left, right), 2);
  expect(found.map((hunk) => [hunk.skipped, hunk.lines.length])).toEqual([
    [1, 6],
    [12, 6],
  ]);
  expect(hunks(diffLines(left, left))).toEqual([]);
});

test("of many changed lines the first are shown, however far down the text they stand", () => {
  const text = Array.from({ length: 9000 }, (_, line) => `line ${line}`);
  const changed = text.map((line, place) => (place >= 8000 && place < 8010 ? line + "!" : line));
  const all = hunks(diffLines(text, changed));
  expect(firstLines(all, 4000)).toEqual({ hunks: all, left: 0 });
  const cut = firstLines(all, 5);
  expect(cut.hunks.flatMap((hunk) => hunk.lines)).toEqual(all[0].lines.slice(0, 5));
  expect(cut.left).toBe(20 + 6 - 5);
});
