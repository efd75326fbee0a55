import { expect, test } from "vitest";
import { parseInline, parseMarkdown, type Inline } from "./markdown";

const plain = (nodes: Inline[]): string =>
  nodes.map((node) => ("text" in node ? node.text : "children" in node ? plain(node.children) : "")).join("");

test("blocks are recognised", () => {
  const kinds = parseMarkdown(
    "# Title\n\nwords\nmore words\n\n- a\n- b\n  - c\n\n1. x\n2. y\n\n> said\n\n---\n\n```py\nx = 1\n\n# no heading\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n",
  );
  expect(kinds.map((block) => block.kind)).toEqual([
    "heading",
    "paragraph",
    "list",
    "list",
    "quote",
    "rule",
    "code",
    "table",
  ]);
  const [, , bullets, , , , code, table] = kinds;
  expect(bullets.kind === "list" && bullets.items[1].blocks.map((block) => block.kind)).toEqual(["paragraph", "list"]);
  expect(code.kind === "code" && [code.language, code.text]).toEqual(["py", "x = 1\n\n# no heading"]);
  expect(table.kind === "table" && [table.align, table.rows.length]).toEqual([["left", "right"], 1]);
});

test("emphasis, code and links inside text", () => {
  const nodes = parseInline("a **b _c_** `d*e` [f](https://x.test) val_loss snake_case_name 2 * 3 * 4");
  expect(nodes.map((node) => node.kind)).toEqual(["text", "strong", "text", "code", "text", "link", "text"]);
  expect(plain(nodes)).toBe("a b c d*e f val_loss snake_case_name 2 * 3 * 4");
});

test("tasks have their boxes", () => {
  const [list] = parseMarkdown("- [x] done\n- [ ] open\n- plain");
  expect(list.kind === "list" && list.items.map((item) => item.task)).toEqual([true, false, null]);
});

test("no address runs code, and no picture comes from another machine", () => {
  for (const text of ["[a](javascript:alert(1))", "[a](data:text/html,x)", "![a](javascript:x)", "[a](//evil.test)"]) {
    expect(parseInline(text).every((node) => node.kind === "text")).toBe(true);
  }
  expect(parseInline("![a](https://x.test/p.png)")[0].kind).toBe("link");
  expect(parseInline("![a](/api/blobs/ab)")[0]).toEqual({ kind: "image", src: "/api/blobs/ab", alt: "a" });
  expect(parseInline("<script>alert(1)</script>")).toEqual([{ kind: "text", text: "<script>alert(1)</script>" }]);
});

test("any text comes to an end", () => {
  for (const text of [
    "**",
    "``",
    "[",
    "![](",
    "- \n-\n",
    "> \n>",
    "|\n|-|",
    "1.",
    "***a**",
    "```",
    "    - x\n   y",
    "* * *",
  ]) {
    expect(Array.isArray(parseMarkdown(text))).toBe(true);
  }
});
