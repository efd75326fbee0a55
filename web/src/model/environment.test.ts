import { expect, test } from "vitest";
import { commandOf, diffTone, gitOf, machineOf, sourceState } from "./environment";

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

test("a source of which nothing is known is not called clean", () => {
  const kinds = (environment: Record<string, unknown>) => sourceState(environment).kind;
  expect(kinds({})).toBe("unknown");
  expect(kinds({ git: { commit: "ab" } })).toBe("unknown");
  expect(kinds({ git_left_out: "no repository" })).toBe("none");
  expect(kinds({ git: { commit: "ab", dirty: false } })).toBe("clean");
  expect(kinds({ git: { commit: "ab", dirty: true } })).toBe("dirty");
  expect(sourceState({ git_left_out: "no git command was found" }).words).toBe("not known: no git command was found");
  expect(sourceState({ git: { diff_left_out: "there is no commit yet" } }).words).toContain("no commit yet");
});

test("only where no file is unknown to git did the commit run as it is", () => {
  const words = (count?: number) => sourceState({ git: { dirty: false, untracked_count: count } }).words;
  expect(words(0)).toBe("none: the commit is what ran");
  expect(words(1)).toBe("none in the files of the commit; 1 beside them is not in git");
  expect(words()).toBe("none in the files of the commit");
});
