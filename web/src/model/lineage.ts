/** The lineage graph as it is drawn: versions that came and went the same way are one box. Pure. */

import type { LineageGraph, LineageNode } from "../api/types";

export interface LineageBox {
  id: string;
  /** The versions it stands for, the newest first; for a run only that. */
  nodes: LineageNode[];
}

export interface LineageDrawing {
  boxes: LineageBox[];
  edges: [string, string][];
  /** Tables that runs logged and nobody used: left out. */
  tableCount: number;
}

/** What kerascope makes by itself of a logged table. */
const TABLE_TYPE = "run_table";

export function drawnLineage(graph: LineageGraph): LineageDrawing {
  const from = neighbours(graph.edges.map((edge) => [edge.target, edge.source]));
  const to = neighbours(graph.edges.map((edge) => [edge.source, edge.target]));
  const isIdleTable = (node: LineageNode) => node.type === TABLE_TYPE && node.distance !== 0 && !to.has(node.id);
  const kept = graph.nodes.filter((node) => !isIdleTable(node));

  const boxes = new Map<string, LineageBox>();
  const boxOf = new Map<string, string>();
  for (const node of kept) {
    const isAlone = node.kind === "run" || node.distance === 0;
    const way = [node.project, node.name, [...(from.get(node.id) ?? [])].sort(), [...(to.get(node.id) ?? [])].sort()];
    const place = isAlone ? node.id : JSON.stringify(way);
    const box = boxes.get(place) ?? { id: node.id, nodes: [] };
    box.nodes.push(node);
    boxes.set(place, box);
    boxOf.set(node.id, box.id);
  }
  for (const box of boxes.values()) box.nodes.sort((a, b) => (b.version ?? 0) - (a.version ?? 0));

  const edges = new Map<string, [string, string]>();
  for (const { source, target } of graph.edges) {
    const [start, end] = [boxOf.get(source), boxOf.get(target)];
    if (start !== undefined && end !== undefined) edges.set(`${start} ${end}`, [start, end]);
  }
  return { boxes: [...boxes.values()], edges: [...edges.values()], tableCount: graph.nodes.length - kept.length };
}

/** `net:v4`, or for several versions `net:v0–v4` and `net:v0, v2`. */
export function lineageTitle({ nodes }: LineageBox): string {
  const [newest] = nodes;
  if (newest.kind === "run") return newest.name;
  const numbers = nodes.map((node) => node.version ?? 0).reverse();
  const isRow = numbers.length > 2 && numbers[numbers.length - 1] - numbers[0] === numbers.length - 1;
  const shown = isRow ? [numbers[0], numbers[numbers.length - 1]] : numbers;
  return `${newest.name}:${shown.map((number) => `v${number}`).join(isRow ? "–" : ", ")}`;
}

function neighbours(pairs: [string, string][]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [one, other] of pairs) found.set(one, (found.get(one) ?? new Set()).add(other));
  return found;
}
