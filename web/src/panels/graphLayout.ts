/** Positions of layers and paths of edges, by dagre. Loaded with the first graph that is shown. */

import { graphlib, layout } from "@dagrejs/dagre";
import { NODE_HEIGHT, NODE_WIDTH } from "./graphSize";

export interface Placed {
  nodes: Map<string, { x: number; y: number }>;
  edges: { from: string; to: string; path: string }[];
  width: number;
  height: number;
}

interface Laid {
  layers: readonly { id: string }[];
  edges: readonly [string, string][];
}

/** Lays the graph out from top to bottom, or from left to right; repeated edges (shared layers) are drawn once. */
export function placeGraph(graph: Laid, rankdir: "TB" | "LR" = "TB"): Placed {
  const dag = new graphlib.Graph({ directed: true });
  dag.setGraph({ rankdir, nodesep: 28, ranksep: 34, marginx: 20, marginy: 20 });
  dag.setDefaultEdgeLabel(() => ({}));
  for (const layer of graph.layers) dag.setNode(layer.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const [from, to] of graph.edges) dag.setEdge(from, to);
  layout(dag);
  const nodes = new Map(
    graph.layers.map((layer) => {
      const { x, y } = dag.node(layer.id) as { x: number; y: number };
      return [layer.id, { x, y }];
    }),
  );
  const edges = dag.edges().map((edge) => {
    const { points } = dag.edge(edge) as { points: { x: number; y: number }[] };
    return { from: edge.v, to: edge.w, path: smoothPath(points) };
  });
  const size = dag.graph() as { width?: number; height?: number };
  return { nodes, edges, width: size.width ?? 0, height: size.height ?? 0 };
}

/** A path through the middles of the given points, rounded at each of them. */
function smoothPath(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  let path = `M${first.x},${first.y}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [here, next] = [rest[i], rest[i + 1]];
    path += ` Q${here.x},${here.y} ${(here.x + next.x) / 2},${(here.y + next.y) / 2}`;
  }
  const last = rest[rest.length - 1] ?? first;
  return `${path} L${last.x},${last.y}`;
}
