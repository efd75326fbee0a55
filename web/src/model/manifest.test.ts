import { expect, test } from "vitest";
import { filesOf } from "./manifest";

test("whole files have their blob, pieces and references have none", () => {
  const entries = [
    { path: "w10.h5", sha256: "c", size: 900, chunks: [["d", 900, 0]] },
    { path: "w9.h5", sha256: "a", size: 5 },
    { path: "raw.csv", reference: "file:///raw.csv", sha256: "b", size: null },
    "damaged",
  ];
  expect(filesOf({ entries })).toEqual([
    { path: "raw.csv", size_bytes: null, sha256: null, reference: "file:///raw.csv" },
    { path: "w9.h5", size_bytes: 5, sha256: "a", reference: null },
    { path: "w10.h5", size_bytes: 900, sha256: null, reference: null },
  ]);
  expect(filesOf({})).toEqual([]);
});
