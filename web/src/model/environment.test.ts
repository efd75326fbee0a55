import { expect, test } from "vitest";
import { commandOf, diffTone, gitOf, machineOf } from "./environment";

test("a command line can be pasted into a shell", () => {
  expect(commandOf({ argv: ["train.py", "--name", "it's 1", "--lr=0.1"] })).toBe(
    `python train.py --name 'it'\\''s 1' --lr=0.1`,
  );
  expect(commandOf({})).toBeUndefined();
});

test("git is what is known of it", () => {
  expect(
    gitOf({ git: { commit: "ab", dirty: true, diff: { sha256: "c", size: 3, path: "diff.patch" } } }),
  ).toMatchObject({
    commit: "ab",
    dirty: true,
    diff: { sha256: "c", size: 3, path: "diff.patch" },
  });
  expect(gitOf({})).toBeUndefined();
});

test("the machine is everything that has no place of its own", () => {
  expect(machineOf({ python: "3.11", packages: {}, git: {}, argv: [] })).toEqual([["python", "3.11"]]);
});

test("lines of a diff have their tones", () => {
  expect(["+++ b/x", "+new", "-old", "@@ -1 +1 @@", " same"].map(diffTone)).toEqual([
    "file",
    "add",
    "remove",
    "hunk",
    "plain",
  ]);
});
