/** Large nets drawn by block: layers whose names begin alike (`conv2_block1_...`) are one box until it is opened. Pure. */

import type { Layer, ModelGraph } from "./graph";

/** Graphs of up to so many layers are drawn whole. */
const SMALL = 60;
const BLOCK =
  /^(.*?(?:block|stage|stack|unit|group|cell|mixed|encoder|decoder|expanded_conv|layer|res)_?\d+[a-z]?)(?=[_/.]|$)/i;

/** The block that a layer belongs to, by its name; null: none. */
export function blockOf(name: string): string | null {
  return BLOCK.exec(name)?.[1] ?? null;
}

/** The blocks of at least two layers, with their layers; none in a small graph. */
export function blocksOf(graph: ModelGraph): Map<string, Layer[]> {
  const blocks = new Map<string, Layer[]>();
  if (graph.layers.length <= SMALL) return blocks;
  for (const layer of graph.layers) {
    const block = blockOf(layer.name);
    if (block !== null) blocks.set(block, [...(blocks.get(block) ?? []), layer]);
  }
  return new Map([...blocks].filter(([, layers]) => layers.length > 1));
}

export const BLOCK_ID = "block:";

/** The graph with every block that is not `opened` as one layer; edges inside a block go with it. */
export function collapse(graph: ModelGraph, opened: ReadonlySet<string>): ModelGraph {
  const blocks = [...blocksOf(graph)].filter(([name]) => !opened.has(name));
  const home = new Map(blocks.flatMap(([name, layers]) => layers.map((layer) => [layer.id, name] as const)));
  if (home.size === 0) return graph;
  const seen = new Set<string>();
  const members = new Map(blocks);
  const layers = graph.layers.flatMap((layer) => {
    const block = home.get(layer.id);
    if (block === undefined) return [layer];
    if (seen.has(block)) return [];
    seen.add(block);
    return [asLayer(block, members.get(block) ?? [])];
  });
  const place = (id: string) => (home.has(id) ? BLOCK_ID + home.get(id) : id);
  const edges = new Map<string, [string, string]>();
  for (const [from, to] of graph.edges) {
    const edge: [string, string] = [place(from), place(to)];
    if (edge[0] !== edge[1]) edges.set(edge.join("\n"), edge);
  }
  return { ...graph, layers, edges: [...edges.values()] };
}

function asLayer(name: string, layers: readonly Layer[]): Layer {
  const sum = (of: (layer: Layer) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    id: BLOCK_ID + name,
    name,
    className: `${layers.length} layers`,
    shape: layers[layers.length - 1]?.shape ?? "",
    parameters: sum((layer) => layer.parameters),
    flops: sum((layer) => layer.flops),
    settings: null,
    fields: [
      ["layers", layers.map((layer) => layer.name)],
      ["num_parameters", sum((layer) => layer.parameters)],
    ],
  };
}
