/** Two model graphs layer by layer. Pure. Automatic names (`dense_3`) differ from run to run, so that layers are aligned by what they do. */

import { diffRows } from "./compare";
import { formatValue } from "./format";
import type { Layer, ModelGraph } from "./graph";
import { diffLines } from "./lineDiff";

export interface LayerPair {
  kind: "same" | "changed" | "add" | "remove";
  left: Layer | null;
  right: Layer | null;
}

const signature = (layer: Layer) => `${layer.className}|${layer.shape}|${layer.parameters}`;
const knowsSettings = (graph: ModelGraph) => graph.layers.some((layer) => layer.settings !== null);

/** What two layers were made with otherwise: `activation: relu → tanh`. Where one does not say, nothing. */
export function settingsChanged(left: Layer, right: Layer): string[] {
  if (left.settings === null || right.settings === null) return [];
  return diffRows([left.settings, right.settings])
    .filter((row) => row.differs)
    .map(
      ({ path, values }) =>
        `${path}: ${values.map((value) => (value === undefined ? "–" : formatValue(value))).join(" → ")}`,
    );
}

/** The layers of both in order; a layer that was taken out and one of its class put in at the same place are one that changed. */
export function alignLayers(left: ModelGraph, right: ModelGraph): LayerPair[] {
  // Graphs of earlier versions say less: only what both say is held against each other.
  const isWhole = knowsSettings(left) && knowsSettings(right);
  const text = (layer: Layer) => signature(layer) + (isWhole ? JSON.stringify(layer.settings) : "");
  const lines = diffLines(left.layers.map(text), right.layers.map(text));
  const pairs: LayerPair[] = [];
  let removed: Layer[] = [];
  const flush = () => {
    for (const layer of removed) pairs.push({ kind: "remove", left: layer, right: null });
    removed = [];
  };
  for (const line of lines) {
    const [one, other] = [line.left, line.right].map((number) => (number ?? 0) - 1);
    if (line.kind === "remove") removed.push(left.layers[one]);
    else if (line.kind === "add") {
      const layer = right.layers[other];
      const place = removed.findIndex((candidate) => candidate.className === layer.className);
      if (place < 0) pairs.push({ kind: "add", left: null, right: layer });
      else {
        for (const gone of removed.splice(0, place)) pairs.push({ kind: "remove", left: gone, right: null });
        pairs.push({ kind: "changed", left: removed.shift() ?? null, right: layer });
      }
    } else {
      flush();
      pairs.push({ kind: "same", left: left.layers[one], right: right.layers[other] });
    }
  }
  flush();
  return pairs;
}
