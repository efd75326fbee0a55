/** Draws lines, bands and lone points on a canvas. A function of the lines, the scales and the box. */

import { lonePoints, traceBand, traceLine, visibleSlice, type Line, type Range, type Scale } from "./lines";

export interface LineScene {
  lines: readonly Line[];
  x: Range;
  toX: Scale;
  toY: Scale;
  /** Canvas pixels per CSS pixel. */
  ratio: number;
  /** The lines of this run are drawn strong, the others step back. */
  highlight: string | null;
}

export function drawLines(context: CanvasRenderingContext2D, scene: LineScene): void {
  const isCrowded = scene.lines.length > 12;
  const isFront = (line: Line) => line.run === scene.highlight;
  const ordered = [...scene.lines].sort((a, b) => Number(isFront(a)) - Number(isFront(b)));
  context.lineJoin = "round";
  for (const line of ordered) {
    const isBack = scene.highlight !== null && !isFront(line);
    const slice = visibleSlice(line.x, scene.x);
    context.strokeStyle = context.fillStyle = line.color;
    context.setLineDash([]);
    drawBand(context, scene, line, slice, isBack ? 0.03 : isCrowded ? 0.05 : 0.16, !isCrowded || isFront(line));
    if (line.raw) {
      context.globalAlpha = isBack ? 0.06 : isCrowded ? 0.14 : 0.28;
      context.lineWidth = scene.ratio;
      strokeLine(context, scene, line.x, line.raw, slice);
    }
    context.globalAlpha = isBack ? 0.25 : 1;
    // A hundred lines of one pixel are drawn in a tenth of the time of slightly wider ones, where there is no GPU.
    context.lineWidth = (isFront(line) ? 2.4 : isCrowded ? 1 : 1.6) * scene.ratio;
    context.setLineDash(line.dash.map((length) => length * scene.ratio));
    strokeLine(context, scene, line.x, line.y, slice);
    drawLone(context, scene, line, slice);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function strokeLine(
  context: CanvasRenderingContext2D,
  scene: LineScene,
  x: Float64Array,
  y: Float64Array,
  slice: [number, number],
): void {
  context.beginPath();
  traceLine(context, x, y, slice, scene.toX, scene.toY);
  context.stroke();
}

function drawBand(
  context: CanvasRenderingContext2D,
  scene: LineScene,
  line: Line,
  slice: [number, number],
  alpha: number,
  hasOutline: boolean,
): void {
  if (line.min === undefined) return;
  context.globalAlpha = alpha;
  context.beginPath();
  traceBand(context, line, slice, scene.toX, scene.toY);
  context.fill();
  if (!hasOutline) return;
  // A one-bucket spike is thinner than a pixel as an area; its outline keeps it in sight.
  context.globalAlpha = alpha * 1.5;
  context.lineWidth = scene.ratio;
  context.stroke();
}

function drawLone(context: CanvasRenderingContext2D, scene: LineScene, line: Line, slice: [number, number]): void {
  for (const index of lonePoints(line.y, slice)) {
    const [px, py] = [scene.toX(line.x[index]), scene.toY(line.y[index])];
    if (!Number.isFinite(px) || !Number.isFinite(py)) continue;
    context.beginPath();
    context.arc(px, py, 3 * scene.ratio, 0, 2 * Math.PI);
    context.fill();
  }
}
