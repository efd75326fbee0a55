/** Two model graphs layer by layer. Pure. Automatic names (`dense_3`) differ from run to run, so that layers are aligned by what they do. */

import type { Layer, ModelGraph } from "./graph";
import { diffLines } from "./lineDiff";

export interface LayerPair {
  kind: "same" | "changed" | "add" | "remove";
  left: Layer | null;
  right: Layer | null;
}

const signature = (layer: Layer) => `${layer.className}|${layer.shape}|${layer.parameters}`;

/** The layers of both in order; a layer that was taken out and one of its class put in at the same place are one that changed. */
export function alignLayers(left: ModelGraph, right: ModelGraph): LayerPair[] {
  const lines = diffLines(left.layers.map(signature), right.layers.map(signature));
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
