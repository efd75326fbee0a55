/** Logged images with their captions, masks and boxes. Pure. */

import { asNumber, isMap } from "./value";

export interface ImageItem {
  sha256: string;
  format: string;
  width: number;
  height: number;
  caption: string | null;
  masks: MaskLayer[];
  boxes: BoxLayer[];
}

export interface MaskLayer {
  name: string;
  sha256: string;
  labels: Map<number, string>;
}

export interface Box {
  /** In parts of the image, from the left and from the top. */
  left: number;
  top: number;
  width: number;
  height: number;
  classId: number;
  caption: string;
  /** The first of its scores; null without any. */
  score: number | null;
}

export interface BoxLayer {
  name: string;
  labels: Map<number, string>;
  boxes: Box[];
}

/** The images of a value (`image-file` or `images/separated`); empty for anything else. */
export function parseImages(value: unknown): ImageItem[] {
  if (!isMap(value)) return [];
  if (Array.isArray(value.items)) return value.items.flatMap(parseImages);
  return typeof value.sha256 === "string" && value._type === "image-file" ? [parseImage(value)] : [];
}

function parseImage(value: Record<string, unknown>): ImageItem {
  const [width, height] = [asNumber(value.width) ?? 1, asNumber(value.height) ?? 1];
  const layers = (layer: unknown) => (isMap(layer) ? Object.entries(layer) : []);
  return {
    sha256: String(value.sha256),
    format: String(value.format ?? "png"),
    width,
    height,
    caption: typeof value.caption === "string" ? value.caption : null,
    masks: layers(value.masks).flatMap(([name, mask]) =>
      isMap(mask) && typeof mask.sha256 === "string" ? [{ name, sha256: mask.sha256, labels: labelsOf(mask) }] : [],
    ),
    boxes: layers(value.boxes).flatMap(([name, layer]) =>
      isMap(layer) && Array.isArray(layer.box_data)
        ? [
            {
              name,
              labels: labelsOf(layer),
              boxes: layer.box_data.filter(isMap).map((box) => parseBox(box, labelsOf(layer), width, height)),
            },
          ]
        : [],
    ),
  };
}

function labelsOf(layer: Record<string, unknown>): Map<number, string> {
  if (!isMap(layer.class_labels)) return new Map();
  return new Map(Object.entries(layer.class_labels).map(([number, text]) => [Number(number), String(text)]));
}

function parseBox(box: Record<string, unknown>, labels: Map<number, string>, width: number, height: number): Box {
  const position = isMap(box.position) ? box.position : {};
  const part = (name: string) => asNumber(position[name]) ?? 0;
  const [scaleX, scaleY] = box.domain === "pixel" ? [1 / width, 1 / height] : [1, 1];
  let [left, top, boxWidth, boxHeight] = [part("minX"), part("minY"), part("maxX"), part("maxY")];
  if (Array.isArray(position.middle)) {
    [boxWidth, boxHeight] = [part("width"), part("height")];
    left = (asNumber(position.middle[0]) ?? 0) - boxWidth / 2;
    top = (asNumber(position.middle[1]) ?? 0) - boxHeight / 2;
  } else {
    boxWidth -= left;
    boxHeight -= top;
  }
  const classId = asNumber(box.class_id) ?? 0;
  const scores = isMap(box.scores) ? Object.values(box.scores).map(asNumber) : [];
  return {
    score: scores.find((score) => score !== undefined && Number.isFinite(score)) ?? null,
    left: left * scaleX,
    top: top * scaleY,
    width: boxWidth * scaleX,
    height: boxHeight * scaleY,
    classId,
    caption: typeof box.box_caption === "string" ? box.box_caption : (labels.get(classId) ?? ""),
  };
}

/** How overlays are seen: classes by `<layer>/<number>`. */
export interface OverlayLook {
  /** Classes that are switched off. */
  off: string[];
  /** Of all classes, 0 to 1, but for those with one of their own. */
  opacity: number;
  opacities: Record<string, number>;
  /** Boxes with a lower score are left out; null: all are shown. */
  score: number | null;
}

export const PLAIN_LOOK: OverlayLook = { off: [], opacity: 0.5, opacities: {}, score: null };

export function opacityOf(look: OverlayLook, id: string): number {
  return look.off.includes(id) ? 0 : (look.opacities[id] ?? look.opacity);
}

/** Whether a box of the layer is seen. Boxes without a score are, whatever the threshold. */
export function isBoxSeen(look: OverlayLook, layer: string, box: Box): boolean {
  if (look.off.includes(`${layer}/${box.classId}`)) return false;
  return look.score === null || box.score === null || box.score >= look.score;
}

/** The smallest and largest score of all boxes, or null without scores that differ. */
export function scoreRange(images: readonly ImageItem[]): { min: number; max: number } | null {
  const scores = images.flatMap((image) =>
    image.boxes.flatMap((layer) => layer.boxes.flatMap((box) => (box.score === null ? [] : [box.score]))),
  );
  if (scores.length === 0) return null;
  let [min, max] = [Infinity, -Infinity];
  for (const score of scores) [min, max] = [Math.min(min, score), Math.max(max, score)];
  return min < max ? { min, max } : null;
}

/** The width of an image in a grid, unless another is chosen, and how large few images become. */
export const LEAST_SIZE = 96;
export const MOST_SIZE = 640;
const [GAP, CAPTION, BELOW] = [10, 22, 16];

/** The width at which all images stand in a box without scrolling, in pixels: at most twice their own, and of many `LEAST_SIZE`. */
export function fittingSize(images: readonly ImageItem[], width: number, height: number): number {
  const most = Math.min(MOST_SIZE, Math.max(LEAST_SIZE, ...images.map((image) => 2 * image.width)));
  const tallest = Math.max(...images.map((image) => image.height / image.width));
  const caption = images.some((image) => image.caption !== null) ? CAPTION : 0;
  for (let columns = 1; ; columns++) {
    const size = Math.floor((width - GAP * (columns - 1)) / columns);
    if (!(size > LEAST_SIZE)) return LEAST_SIZE;
    const rows = Math.ceil(images.length / columns);
    if (size <= most && rows * (size * tallest + caption + GAP) + BELOW <= height) return size;
  }
}

/** At most `count` places of a list of `total`, evenly spread, the first and the last among them. */
export function spreadPlaces(total: number, count: number): number[] {
  if (total <= count) return Array.from({ length: total }, (_, place) => place);
  return Array.from({ length: count }, (_, part) => Math.round((part * (total - 1)) / (count - 1)));
}

export interface OverlayClass {
  /** Layer name and class number: what is switched on and off. */
  id: string;
  layer: string;
  number: number;
  label: string;
}

/** All classes of all overlays, each once. A mask's class 0 is the background by custom, but a label of its own lists it. */
export function overlayClasses(images: readonly ImageItem[]): OverlayClass[] {
  const found = new Map<string, OverlayClass>();
  for (const image of images) {
    for (const layer of [...image.masks, ...image.boxes]) {
      for (const [number, label] of layer.labels) {
        const id = `${layer.name}/${number}`;
        if (!found.has(id)) found.set(id, { id, layer: layer.name, number, label });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.layer.localeCompare(b.layer) || a.number - b.number);
}
