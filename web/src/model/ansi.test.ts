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
  expect(ansiSpans(`${ESC}[38;5;1mx${ESC}[38;2;1;31;4my`)).toEqual([
    { text: "x", classes: "ansi-red" },
    { text: "y", classes: "", color: "rgb(1 31 4)" },
  ]);
});

test("the cube, the greys and true colours have their values, in front and behind", () => {
  const css = (codes: string) => ansiSpans(`${ESC}[${codes}mx`).map((span) => span.color ?? span.background)[0];
  expect(css("38;5;208")).toBe("rgb(255 135 0)");
  expect(css("38;5;16")).toBe("rgb(0 0 0)");
  expect(css("38;5;231")).toBe("rgb(255 255 255)");
  expect(css("48;5;232")).toBe("rgb(8 8 8)");
  expect(css("48;5;255")).toBe("rgb(238 238 238)");
  expect(css("48;2;90;160;255")).toBe("rgb(90 160 255)");
  expect(css("38:2::90:160:255")).toBe("rgb(90 160 255)");
  expect(css("38:2:90:160:255")).toBe("rgb(90 160 255)");
});

test("backgrounds, underlining, italics and reversal begin and end", () => {
  expect(ansiSpans(`${ESC}[41;4ma${ESC}[49mb${ESC}[24;3;7mc${ESC}[23;27md`).map((span) => span.classes)).toEqual([
    "ansi-on-red ansi-underline",
    "ansi-underline",
    "ansi-italic ansi-reverse",
    "",
  ]);
});

test("colours that cannot be are none", () => {
  expect(ansiSpans(`${ESC}[38;2;300;1;1mx${ESC}[38;5my`)).toEqual([
    { text: "x", classes: "" },
    { text: "y", classes: "" },
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
