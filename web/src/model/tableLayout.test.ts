import { expect, test } from "vitest";
import type { TableColumn } from "./columns";
import { arrange, encodeWidths, moveBefore, moveBy, parseWidths, pinnedOffsets } from "./tableLayout";

const column = (name: string, width = 100): TableColumn => ({ name, label: name, kind: "number", width });

test("widths survive the address bar, also of names with colons; nonsense is passed over", () => {
  const widths = { "summary.a:b": 120, tags: 90 };
  expect(parseWidths(encodeWidths(widths))).toEqual(widths);
  expect(parseWidths("tags:wide,:3,notes:9999")).toEqual({ notes: 640 });
});

test("pinned columns come first and know how far from the border they stand", () => {
  const pinned = new Set(["c", "b"]);
  const columns = arrange([column("a"), column("b"), column("c")], pinned, { b: 60 });
  expect(columns.map((entry) => [entry.name, entry.width])).toEqual([
    ["b", 60],
    ["c", 100],
    ["a", 100],
  ]);
  expect([...pinnedOffsets(columns, pinned, 200)]).toEqual([
    ["b", 200],
    ["c", 260],
  ]);
});

test("a column is moved before another, to the end, or by one place", () => {
  expect(moveBefore(["a", "b", "c"], "c", "a")).toEqual(["c", "a", "b"]);
  expect(moveBefore(["a", "b", "c"], "a", null)).toEqual(["b", "c", "a"]);
  expect(moveBefore(["a", "b"], "a", "a")).toEqual(["a", "b"]);
  expect(moveBy(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  expect(moveBy(["a", "b", "c"], "a", -1)).toEqual(["a", "b", "c"]);
});
