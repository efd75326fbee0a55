import { expect, test } from "vitest";
import type { LineageGraph, LineageNode } from "../api/types";
import { drawnLineage, lineageTitle } from "./lineage";

const node = (id: string, distance: number, more: Partial<LineageNode> = {}): LineageNode => {
  const [name, version] = id.split(":v");
  const kind = version === undefined ? "run" : "artifact";
  return {
    id,
    kind,
    project: "p",
    name,
    version: version === undefined ? null : Number(version),
    type: null,
    state: null,
    distance,
    ...more,
  };
};

const graph = (nodes: LineageNode[], ...edges: [string, string][]): LineageGraph => ({
  nodes,
  edges: edges.map(([source, target]) => ({ source, target })),
  complete: true,
});

test("versions that came and went the same way are one box, the others stay apart", () => {
  const drawn = drawnLineage(
    graph(
      [
        node("data:v0", 0),
        node("train", 1),
        ...[0, 1, 2, 3].map((number) => node(`net:v${number}`, 2)),
        node("check", 3),
      ],
      ["data:v0", "train"],
      ...[0, 1, 2, 3].map((number): [string, string] => ["train", `net:v${number}`]),
      ["net:v3", "check"],
    ),
  );
  expect(drawn.boxes.map(lineageTitle)).toEqual(["data:v0", "train", "net:v0–v2", "net:v3", "check"]);
  expect(drawn.edges).toEqual([
    ["data:v0", "train"],
    ["train", "net:v0"],
    ["train", "net:v3"],
    ["net:v3", "check"],
  ]);
});

test("the version that is asked for never shares its box", () => {
  const drawn = drawnLineage(
    graph(
      [node("net:v1", 0), node("train", -1), node("net:v0", 1), node("net:v2", 1)],
      ...[0, 1, 2].map((number): [string, string] => ["train", `net:v${number}`]),
    ),
  );
  expect(drawn.boxes.map(lineageTitle)).toEqual(["net:v1", "train", "net:v0, v2"]);
});

test("logged tables that nobody used are left out and counted, those on the way stay", () => {
  const table = { type: "run_table" };
  const drawn = drawnLineage(
    graph(
      [node("train", 1), node("used:v0", 2, table), node("idle:v0", 2, table), node("check", 3)],
      ["train", "used:v0"],
      ["train", "idle:v0"],
      ["used:v0", "check"],
    ),
  );
  expect(drawn.boxes.map(lineageTitle)).toEqual(["train", "used:v0", "check"]);
  expect(drawn.tableCount).toBe(1);
});
