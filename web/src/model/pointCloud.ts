/** Clouds of points in space, and how they are seen from a place around them. Pure. */

import { asNumber, isMap } from "./value";

export interface Segment {
  from: [number, number, number];
  to: [number, number, number];
  /** Red, green, blue; null: the usual colour. */
  color: [number, number, number] | null;
}

export interface Cloud {
  /** x, y, z of every point, one after the other. */
  positions: Float32Array;
  /** A colour slot per point; 255 where `colors` says it. */
  slots: Uint8Array;
  /** Red, green, blue of every point, or null when points have classes or nothing. */
  colors: Uint8Array | null;
  /** Edges of boxes, and vectors. */
  segments: Segment[];
  center: [number, number, number];
  /** Distance of the farthest point from the centre. */
  radius: number;
}

const EDGES = [
  [0, 1],
  [1, 3],
  [3, 2],
  [2, 0],
  [4, 5],
  [5, 7],
  [7, 6],
  [6, 4],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
] as const;

/** Reads a `pts.json` file; anything else gives an error that says so. */
export function parseCloud(data: unknown): Cloud {
  if (!isMap(data) || !Array.isArray(data.points))
    throw new Error("This file is not a point cloud: it has no `points`.");
  const rows = data.points.filter(Array.isArray);
  const positions = new Float32Array(rows.length * 3);
  const slots = new Uint8Array(rows.length);
  const hasColors = rows.length > 0 && rows[0].length >= 6;
  const colors = hasColors ? new Uint8Array(rows.length * 3) : null;
  rows.forEach((row, index) => {
    for (let axis = 0; axis < 3; axis++) {
      positions[index * 3 + axis] = asNumber(row[axis]) ?? 0;
      if (colors !== null) colors[index * 3 + axis] = asNumber(row[axis + 3]) ?? 0;
    }
    if (row.length === 4) slots[index] = (asNumber(row[3]) ?? 0) % 10;
  });
  const boxes = Array.isArray(data.boxes) ? data.boxes.flatMap(boxSegments) : [];
  const vectors = Array.isArray(data.vectors) ? data.vectors.flatMap(vectorSegment) : [];
  return { positions, slots, colors, segments: [...boxes, ...vectors], ...boundsOf(positions) };
}

function point(value: unknown): [number, number, number] {
  const [x, y, z] = Array.isArray(value) ? value.map((one) => asNumber(one) ?? 0) : [0, 0, 0];
  return [x ?? 0, y ?? 0, z ?? 0];
}

function boxSegments(box: unknown): Segment[] {
  if (!isMap(box) || !Array.isArray(box.corners) || box.corners.length !== 8) return [];
  const corners = box.corners.map(point);
  const color = Array.isArray(box.color) ? point(box.color) : null;
  return EDGES.map(([from, to]) => ({ from: corners[from], to: corners[to], color }));
}

function vectorSegment(vector: unknown): Segment[] {
  if (!isMap(vector)) return [];
  return [{ from: point(vector.start), to: point(vector.end), color: null }];
}

/** The middle of the box around all points, and how far the farthest is from it. */
function boundsOf(positions: Float32Array): Pick<Cloud, "center" | "radius"> {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  positions.forEach((value, index) => {
    low[index % 3] = Math.min(low[index % 3], value);
    high[index % 3] = Math.max(high[index % 3], value);
  });
  if (positions.length === 0) return { center: [0, 0, 0], radius: 1 };
  const [x, y, z] = [0, 1, 2].map((axis) => (low[axis] + high[axis]) / 2);
  let square = 0;
  for (let i = 0; i < positions.length; i += 3) {
    square = Math.max(square, (positions[i] - x) ** 2 + (positions[i + 1] - y) ** 2 + (positions[i + 2] - z) ** 2);
  }
  return { center: [x, y, z], radius: Math.sqrt(square) || 1 };
}

/** From where one looks: turned about the upright axis, then tipped, in radians; `zoom` 1 shows all. */
export interface View {
  turn: number;
  tip: number;
  zoom: number;
}

export type Projection = (x: number, y: number, z: number) => [px: number, py: number, depth: number];

/** Where a point is seen in a picture of this size; a smaller depth is nearer. z is upright. */
export function projection(cloud: Cloud, view: View, width: number, height: number): Projection {
  const [sinTurn, cosTurn] = [Math.sin(view.turn), Math.cos(view.turn)];
  const [sinTip, cosTip] = [Math.sin(view.tip), Math.cos(view.tip)];
  const [cx, cy, cz] = cloud.center;
  const scale = ((Math.min(width, height) / 2) * 0.92 * view.zoom) / cloud.radius;
  return (x, y, z) => {
    const [dx, dy, dz] = [x - cx, y - cy, z - cz];
    const right = dx * cosTurn + dy * sinTurn;
    const away = -dx * sinTurn + dy * cosTurn;
    return [width / 2 + right * scale, height / 2 - (dz * cosTip + away * sinTip) * scale, away * cosTip - dz * sinTip];
  };
}
