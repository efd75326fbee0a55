import { expect, test } from "vitest";
import { apiUrl, blobUrl, exportUrl, fileUrl } from "./client";

test("empty query values are left out", () => {
  expect(apiUrl("projects", { a: "", b: undefined, c: null, d: false, e: 0, f: "x y" })).toBe(
    "/api/projects?e=0&f=x+y",
  );
});

test("names with special characters stay one part of the path", () => {
  expect(fileUrl("a/b", "r1", "media/x y#1.png")).toBe("/api/projects/a%2Fb/runs/r1/files/media/x%20y%231.png");
  expect(exportUrl("ü", "r1", "csv")).toBe("/api/projects/%C3%BC/runs/r1/export?format=csv");
});

test("a blob is asked for with the type it shall have", () => {
  expect(blobUrl("ab12", "image/png")).toBe("/api/blobs/ab12?type=image%2Fpng");
});
