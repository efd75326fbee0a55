import { expect, test } from "vitest";
import { ansiSpans, settle } from "./ansi";

const ESC = "\u001b";

test("colours become classes and end where they end", () => {
  expect(ansiSpans(`a${ESC}[1;31mbad${ESC}[0m z`)).toEqual([
    { text: "a", classes: "" },
    { text: "bad", classes: "ansi-red ansi-bold" },
    { text: " z", classes: "" },
  ]);
});

test("arguments of 256-colour codes are no codes of their own", () => {
  expect(ansiSpans(`${ESC}[38;5;1mx${ESC}[38;2;1;31;4my`).map((span) => span.classes)).toEqual([
    "ansi-red",
    "ansi-red",
  ]);
});

test("cursor movements, titles and links leave no trace", () => {
  expect(
    ansiSpans(`${ESC}[2K${ESC}[1Ga${ESC}]0;title\u0007b`)
      .map((span) => span.text)
      .join(""),
  ).toBe("ab");
});

test("a progress bar shows its last state", () => {
  expect([settle("10%\r50%\r100%"), settle("done\r"), settle("1/2\b\b\b2/2"), settle("")]).toEqual([
    "100%",
    "done",
    "2/2",
    "",
  ]);
});
