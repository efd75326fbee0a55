import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("fields are quoted where they must be, and nothing stays nothing", () => {
  const text = toCsv(
    ["name", "lr"],
    [
      ["a,b", 0.1],
      ['say "hi"', null],
      [["x", "y"], "NaN"],
    ],
  );
  expect(text).toBe('name,lr\r\n"a,b",0.1\r\n"say ""hi""",\r\n"[""x"",""y""]",NaN\r\n');
});
