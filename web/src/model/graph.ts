/** The layers of a model as they are drawn. Pure. */

import { formatCount } from "./format";
import { isMap, leaves, type ValueMap } from "./value";

export interface Layer {
  id: string;
  name: string;
  className: string;
  shape: string;
  parameters: number;
  /** Floating-point operations of one example; 0 where they cannot be counted. */
  flops: number;
  /** What the layer was made with; null in graphs that do not say. */
  settings: ValueMap | null;
  /** Everything that is known, for the box beside the graph. */
  fields: [string, unknown][];
}

export interface ModelGraph {
  layers: Layer[];
  edges: [string, string][];
  facts: [string, unknown][];
}

/** Reads a graph file; what does not look like one gives an error that says so. */
export function parseGraph(data: unknown): ModelGraph {
  if (!isMap(data) || !Array.isArray(data.nodes)) throw new Error("This file is not a model graph: it has no `nodes`.");
  const layers = data.nodes.filter(isMap).map(parseLayer);
  const ids = new Set(layers.map((layer) => layer.id));
  const edges = (Array.isArray(data.edges) ? data.edges : [])
    .filter((edge): edge is unknown[] => Array.isArray(edge) && edge.length >= 2)
    .map((edge): [string, string] => [String(edge[0]), String(edge[1])])
    .filter(([from, to]) => ids.has(from) && ids.has(to));
  const facts = Object.entries(data).filter(([name]) => !["nodes", "edges", "format", "_type"].includes(name));
  return { layers, edges, facts };
}

function parseLayer(node: Record<string, unknown>): Layer {
  const id = String(node.id ?? node.name);
  const settings = isMap(node.settings) ? node.settings : null;
  return {
    id,
    name: String(node.name ?? id),
    className: String(node.class_name ?? ""),
    shape: shapeText(node.output_shape),
    parameters: Number(node.num_parameters ?? 0) || 0,
    flops: Number(node.flops ?? 0) || 0,
    settings,
    fields: [
      ...Object.entries(node).filter(([name, value]) => name !== "id" && name !== "settings" && value !== null),
      ...Object.entries(settings ?? {}).filter(([name]) => !(name in node)),
    ],
  };
}

/** A shape in one line: (?, 28, 28, 1); several shapes one after the other. */
export function shapeText(shape: unknown): string {
  if (!Array.isArray(shape)) return shape === undefined || shape === null ? "" : String(shape);
  if (shape.some((part) => Array.isArray(part))) return shape.map(shapeText).filter(Boolean).join(", ");
  if (shape.length === 1 && typeof shape[0] === "string") return shape[0] === "multiple" ? "several" : shape[0];
  return `(${shape.map((size) => (size === null ? "?" : String(size))).join(", ")})`;
}

export function parametersText(count: number): string {
  return count === 0 ? "" : `${formatCount(count)} params`;
}

export function flopsText(count: number): string {
  return count === 0 ? "" : `${formatCount(count)} FLOPs`;
}

/** At most `length` characters, the middle left out: the ends of layer names tell them apart. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${text.slice(-tail)}`;
}

/** The family of a layer, for its colour: what it does rather than what it is called. */
export function layerFamily(className: string): string {
  const families: [RegExp, string][] = [
    [/Input/, "input"],
    [/Conv/, "conv"],
    [/Dense|Embedding|Einsum/, "dense"],
    [/LSTM|GRU|RNN|Attention|Bidirectional/, "sequence"],
    [/Norm/, "norm"],
    [/Pool|Flatten|Reshape|Padding|Crop|UpSampl|Permute|Resizing/, "shape"],
    [/Dropout|Noise|Random/, "noise"],
    [/Activation|ReLU|Softmax|ELU/, "activation"],
  ];
  return families.find(([pattern]) => pattern.test(className))?.[1] ?? "other";
}

/** The blob of the model graph that the callbacks put into the summary; null without one. */
export function graphOf(summary: ValueMap): string | null {
  for (const { value } of leaves(summary)) {
    if (isMap(value) && value._type === "graph-file") return String(value.sha256);
  }
  return null;
}
