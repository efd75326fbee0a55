import { describe, expect, test } from "vitest";
import {
  artifactPath,
  artifactsPath,
  comparePath,
  parsePath,
  projectPath,
  reportPath,
  reportsPath,
  runPath,
} from "./routes";

describe("addresses", () => {
  test.each(["digits", "a b/c", "100 %", "ü?#"])("project %s survives the way there and back", (project) => {
    expect(parsePath(projectPath(project))).toEqual({ page: "runs", project });
    expect(parsePath(runPath(project, "r-1", "console"))).toEqual({ page: "run", project, run: "r-1", tab: "console" });
  });

  test("artifacts and their versions have pages", () => {
    const page = "artifact";
    expect(parsePath(artifactsPath("p/q"))).toEqual({ page: "artifacts", project: "p/q" });
    expect(parsePath(artifactPath("p", "a b"))).toEqual({ page, project: "p", artifact: "a b", version: null });
    expect(parsePath(artifactPath("p", "m", 0))).toEqual({ page, project: "p", artifact: "m", version: "v0" });
    expect(parsePath(artifactPath("p", "m", "best"))).toEqual({ page, project: "p", artifact: "m", version: "best" });
  });

  test("comparisons and reports have pages", () => {
    expect(comparePath("p", ["a", "b"])).toBe("/projects/p/compare?runs=a,b");
    expect(parsePath(comparePath("p/q"))).toEqual({ page: "compare", project: "p/q" });
    expect(parsePath(reportsPath("p"))).toEqual({ page: "reports", project: "p" });
    expect(parsePath(reportPath("p", "a b"))).toEqual({ page: "report", project: "p", report: "a b" });
  });

  test("a run without a tab is its charts", () => {
    expect(runPath("p", "r")).toBe("/projects/p/runs/r");
    expect(parsePath("/projects/p/runs/r")).toEqual({ page: "run", project: "p", run: "r", tab: "charts" });
  });

  test("the root and /projects are the list of projects", () => {
    expect([parsePath("/"), parsePath("/projects/")]).toEqual([{ page: "projects" }, { page: "projects" }]);
  });

  test.each(["/nowhere", "/projects/p/runs/r/none", "/projects/p/x/r", "/projects/%E0%A4%A"])(
    "%s is missing",
    (path) => {
      expect(parsePath(path)).toEqual({ page: "missing", path });
    },
  );
});
