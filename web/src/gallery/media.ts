/** Values and files of the gallery's media panels. */

import type { Cell, CellPage, Value } from "../api/types";
import { cellsId, type OfflineData } from "../offline/answers";
import { bmp, jsonFile, wav, type Bytes } from "./files";
import { normal, uniform } from "./random";
import { PROJECT } from "./runs";

const RUN = "run-0";

export function mediaData(): OfflineData {
  const blobs = new Map<string, Bytes>();
  const data: OfflineData = { cells: new Map(), blobs };
  /** Puts a file among the blobs; returns its name there. */
  const keep = (bytes: Bytes): string => {
    const sha256 = blobs.size.toString(16).padStart(64, "0");
    blobs.set(sha256, bytes);
    return sha256;
  };
  const log = (key: string, values: Value[]) => {
    const cells: Cell[] = values.map((value, place) => ({ step: place * 10, value }));
    const page: CellPage = { total: cells.length, cells };
    data.cells.set(cellsId(PROJECT, RUN, key), page);
  };
  logHistograms(log);
  logImages(log, keep);
  logTables(log, keep);
  logFiles(log, keep);
  return data;
}

type Log = (key: string, values: Value[]) => void;
type Keep = (bytes: Bytes) => string;

function logHistograms(log: Log): void {
  const histogram = (step: number): Value => {
    const next = normal(step);
    const [low, high] = [-1 - step / 40, 1 + step / 20];
    const counts = new Array<number>(40).fill(0);
    for (let i = 0; i < 2000; i++) {
      const bin = Math.floor(((next() * 0.3 + step / 60 - low) / (high - low)) * 40);
      if (bin >= 0 && bin < 40) counts[bin] += 1;
    }
    const bins = Array.from({ length: 41 }, (_, edge) => low + ((high - low) * edge) / 40);
    return { _type: "histogram", bins, values: counts };
  };
  log(
    "parameters/dense.kernel",
    Array.from({ length: 30 }, (_, step) => histogram(step)),
  );
}

function logImages(log: Log, keep: Keep): void {
  const scene = (seed: number): Value => {
    const next = uniform(seed);
    const [left, top] = [10 + 20 * next(), 10 + 16 * next()];
    const isInside = (x: number, y: number) => (x - left - 16) ** 2 + (y - top - 12) ** 2 < 110;
    const picture = keep(bmp(64, 48, (x, y) => (isInside(x, y) ? [214, 120, 60] : [70 + x * 2, 110 + y, 150])));
    const mask = keep(bmp(64, 48, (x, y) => (isInside(x, y) ? [1, 1, 1] : [0, 0, 0])));
    const position = { minX: (left + 4) / 64, maxX: (left + 28) / 64, minY: (top + 1) / 48, maxY: (top + 23) / 48 };
    return {
      _type: "image-file",
      sha256: picture,
      format: "bmp",
      width: 64,
      height: 48,
      caption: `scene ${seed}`,
      masks: { truth: { sha256: mask, class_labels: { "1": "ball" } } },
      boxes: {
        guess: {
          box_data: [{ position, class_id: 2, scores: { confidence: 0.5 + seed / 20 } }],
          class_labels: { "2": "round" },
        },
      },
    };
  };
  const row = (from: number): Value => ({
    _type: "images/separated",
    items: Array.from({ length: 6 }, (_, place) => scene(from + place)),
  });
  log("pictures", [row(0), row(1), row(2)]);
}

function logTables(log: Log, keep: Keep): void {
  const next = uniform(5);
  const digit = (seed: number): Value => {
    const shade = uniform(seed);
    const grey = Array.from({ length: 64 }, () => Math.floor(256 * shade()));
    const sha256 = keep(bmp(8, 8, (x, y) => [grey[y * 8 + x], grey[y * 8 + x], grey[y * 8 + x]]));
    return { _type: "image-file", sha256, format: "bmp", width: 8, height: 8 };
  };
  const rows = Array.from({ length: 40 }, (_, row) => [
    `sample-${row}`,
    digit(row),
    ["cat", "dog", "ant"][row % 3],
    ["cat", "dog", "cat", "ant"][row % 4],
    Number(next().toFixed(4)),
  ]);
  const kinds = ["string", "media", "string", "string", "number"];
  const file = jsonFile({
    _type: "table",
    columns: ["id", "image", "truth", "guess", "score"],
    column_types: kinds.map((kind) => ({ kind, optional: true, ...(kind === "media" ? { media: "image-file" } : {}) })),
    data: rows,
  });
  log("predictions", [{ _type: "table-file", sha256: keep(file), ncols: 5, nrows: 40 }]);
  logCharts(log, keep);
}

function logCharts(log: Log, keep: Keep): void {
  const chart = (key: string, kind: string, title: string, fields: Record<string, string>, rows: unknown[][]) => {
    const sha256 = keep(jsonFile({ columns: [...new Set(Object.values(fields))], data: rows }));
    log(key, [{ _type: "chart", chart: kind, title, fields, strings: {}, table: { _type: "table-file", sha256 } }]);
  };
  const points = Array.from({ length: 21 }, (_, place) => place / 20);
  const curves = (power: (name: string) => number) =>
    ["cat", "dog"].flatMap((name) => points.map((x) => [x, x ** power(name), name]));
  const noise = normal(9);
  chart(
    "roc",
    "roc_curve",
    "ROC",
    { x: "fpr", y: "tpr", class: "class" },
    curves((name) => (name === "cat" ? 0.3 : 0.6)),
  );
  chart(
    "pr",
    "pr_curve",
    "Precision and recall",
    { x: "recall", y: "precision", class: "class" },
    curves((name) => (name === "cat" ? 3 : 6)).map(([x, y, name]) => [x, 1 - Number(y), name]),
  );
  chart(
    "line",
    "line",
    "A line",
    { x: "x", y: "y" },
    points.map((x) => [x, x * x - x / 2]),
  );
  chart(
    "scatter",
    "scatter",
    "Dots",
    { x: "x", y: "y" },
    points.map((x) => [x, x + 0.1 * noise()]),
  );
  chart("bar", "bar", "Per class", { label: "label", value: "value" }, [
    ["cat", 12],
    ["dog", 7],
    ["ant", -3],
  ]);
  chart(
    "values",
    "histogram",
    "Values",
    { value: "value" },
    Array.from({ length: 400 }, () => [noise()]),
  );
  const names = ["cat", "dog", "ant"];
  chart(
    "confusion",
    "confusion_matrix",
    "Confusion",
    { Actual: "Actual", Predicted: "Predicted", nPredictions: "nPredictions" },
    names.flatMap((actual, row) => names.map((guess, place) => [actual, guess, row === place ? 40 + row : 3 * place])),
  );
}

function logFiles(log: Log, keep: Keep): void {
  const next = normal(3);
  const file = (path: string, bytes: Bytes, type: string): Value => ({
    _type: type,
    path,
    sha256: keep(bytes),
    caption: path.includes("wav") ? "a tone of 440 Hz" : null,
  });
  const tone = Array.from({ length: 4000 }, (_, at) => Math.sin((at / 8000) * 440 * 2 * Math.PI));
  log("tone", [file("tone.wav", wav(8000, tone), "audio-file")]);
  const cloud = Array.from({ length: 600 }, (_, at) => [next(), next(), next() * 0.4, at % 4]);
  log("cloud", [file("cloud.pts.json", jsonFile({ points: cloud }), "object3D-file")]);
  const lines = {
    data: [{ type: "scatter", x: [0, 1, 2, 3], y: [3, 1, 2, 4], name: "a" }],
    layout: { title: "A figure" },
  };
  log("figure", [file("figure.plotly.json", jsonFile(lines), "plotly-file")]);
  const grid = { data: [{ type: "heatmap", z: [0, 1, 2, 3].map((row) => [0, 1, 2, 3, 4].map((at) => row * at)) }] };
  log("grid", [file("grid.plotly.json", jsonFile(grid), "plotly-file")]);
  const places = { type: "scattermap", lon: [2.3, 12.5, -3.7], lat: [48.9, 41.9, 40.4], marker: { size: 10 } };
  log("map", [file("map.plotly.json", jsonFile({ data: [places] }), "plotly-file")]);
  const named = { type: "choropleth", locations: ["FRA", "ITA", "ESP"], z: [3, 1, 2] };
  log("named", [file("named.plotly.json", jsonFile({ data: [named] }), "plotly-file")]);
  log("graph", [{ _type: "graph-file", sha256: keep(jsonFile(graph())) }]);
  log("words", ["the first words", "more words", ["a", "list"]]);
}

function graph(): unknown {
  const layer = (name: string, class_name: string, output_shape: unknown[], num_parameters: number) => ({
    id: name,
    name,
    class_name,
    output_shape,
    num_parameters,
  });
  return {
    _type: "graph-file",
    nodes: [
      layer("pixels", "InputLayer", [null, 28, 28, 1], 0),
      layer("conv", "Conv2D", [null, 26, 26, 8], 80),
      layer("flat", "Flatten", [null, 5408], 0),
      layer("dense", "Dense", [null, 10], 54_090),
    ],
    edges: [
      ["pixels", "conv"],
      ["conv", "flat"],
      ["flat", "dense"],
    ],
  };
}
