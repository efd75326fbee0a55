import { describe, expect, test } from "vitest";
import { commonNames, shortNames } from "./names";

describe("what names have in common", () => {
  test("is what all begin and end with, whole words and numbers", () => {
    expect(commonNames(["baseline-resnet-lr-0.1", "baseline-resnet-lr-0.01"])).toEqual({
      start: "baseline-resnet-lr-",
      end: "",
      cores: ["0.1", "0.01"],
    });
    expect(commonNames(["a name, loss", "a name, val_loss"]).cores).toEqual(["loss", "val_loss"]);
    expect(commonNames(["sgd on data", "adam on data"])).toEqual({
      start: "",
      end: " on data",
      cores: ["sgd", "adam"],
    });
  });

  test("is nothing where there is one name, none, or equal ones are left with nothing", () => {
    expect(commonNames([])).toEqual({ start: "", end: "", cores: [] });
    expect(commonNames(["one-name"]).cores).toEqual(["one-name"]);
    expect(commonNames(["same-same", "same-same"]).cores).toEqual(["same", "same"]);
    expect(commonNames(["", "a-b"]).cores).toEqual(["", "a-b"]);
  });
});

const measure = (text: string) => 7 * text.length;

describe("short names", () => {
  const short = (names: string[], letters: number) => shortNames(names, 7 * letters, measure);

  test("names that fit stay as they are, however wide their letters", () => {
    expect(short(["run-1", "run-2"], 8)).toEqual(["run-1", "run-2"]);
    const uneven = (text: string) => [...text].reduce((sum, letter) => sum + (letter === "W" ? 12 : 3), 0);
    expect(shortNames(["WWW", "iiiiiiiiiiii"], 36, uneven)).toEqual(["WWW", "iiiiiiiiiiii"]);
  });

  test("names are cut where they stay different", () => {
    expect(short(["alpha-0123456789-x", "gamma-0123456789-y"], 9)).toEqual(["alph…89-x", "gamm…89-y"]);
    const seeds = short(["one-0123456789-17-two", "eno-0123456789-18-owt", "one-0123456789-19-two"], 9);
    expect(new Set(seeds).size).toBe(3);
    for (const name of seeds) expect(name.length).toBeLessThanOrEqual(9);
  });

  test("one long name keeps both ends", () => {
    expect(short(["the-first-part-and-the-last"], 9)).toEqual(["the-…last"]);
  });

  test("equal names, empty ones and no room are no reason to fail", () => {
    expect(short([], 4)).toEqual([]);
    expect(short(["", "long-name-here"], 6)).toEqual(["", "lon…re"]);
    expect(short(["same-same", "same-same"], 6)).toHaveLength(2);
    expect(shortNames(["a", "ab"], -5, measure)).toHaveLength(2);
  });
});
