import { expect, test } from "vitest";
import type { ArtifactLink } from "../api/types";
import { artifactRows, versionsText } from "./artifactRows";

const link = (name: string, version: number) => ({ name, type: "model", version }) as ArtifactLink;

test("the versions of a name are one row, and what was made is not what was used", () => {
  const made = [link("net", 1), link("data", 0), link("net", 0), link("net", 1)];
  expect(artifactRows(made, [link("net", 0)])).toEqual([
    { verb: "made", name: "net", type: "model", versions: [0, 1] },
    { verb: "made", name: "data", type: "model", versions: [0] },
    { verb: "used", name: "net", type: "model", versions: [0] },
  ]);
});

test("versions are told in one phrase, with or without gaps", () => {
  expect([[3], [0, 1, 2], [0, 3, 7]].map(versionsText)).toEqual(["v3", "v0 to v2", "v0 … v7 (3)"]);
});
