/** Figures of Plotly without what they would fetch: the tiles and outlines of maps, pictures by address. Pure. */

import { isMap, type ValueMap } from "./value";

/** What a figure would fetch, and is drawn without. */
export type Missing = "background" | "areas" | "pictures";

export interface LocalFigure {
  figure: ValueMap;
  missing: Missing[];
  /** Nothing of the figure is left to draw. */
  isEmpty: boolean;
}

/** The part of a figure that can be drawn where nothing is fetched. Maps of tiles become maps with a grid. */
export function localFigure(figure: ValueMap): LocalFigure {
  const missing = new Set<Missing>();
  const layout = { ...partOf(figure, "layout") };
  const given = Array.isArray(figure.data) ? figure.data.filter(isMap) : [];
  const data = given.filter((trace) => !needsOutlines(trace)).map(withoutTiles);
  if (data.length < given.length) missing.add("areas");
  for (const [name, tiled] of subplots(given)) {
    const geo = partOf(layout, name);
    if (tiled === null && geo.visible === false) continue;
    missing.add("background");
    layout[name] = withGrid(tiled === null ? geo : { ...FITTED, domain: partOf(layout, tiled).domain });
  }
  if (Array.isArray(layout.images)) {
    const own = layout.images.filter((image) => isMap(image) && /^data:/.test(String(image.source)));
    if (own.length < layout.images.length) missing.add("pictures");
    layout.images = own;
  }
  if (missing.size === 0) return { figure, missing: [], isEmpty: false };
  const isEmpty = given.length > 0 && data.length === 0;
  return { figure: { ...figure, data, layout }, missing: [...missing], isEmpty };
}

/** `scattermap`, and what it was called before version 4 of plotly.js: `scattermapbox`. */
const TILED = /^(scatter|choropleth|density)map(box)?$/;
/** A map of tiles has no place of its own among the others. */
const TILED_FROM = 100;
const FITTED = { fitbounds: "locations", projection: { type: "mercator" } };

/** Areas are drawn from the trace's own shapes; names and codes of countries are looked up in outlines that would be fetched. */
function needsOutlines(trace: ValueMap): boolean {
  if (isMap(trace.geojson)) return false;
  const type = String(trace.type);
  return /^choropleth/.test(type) || (type === "scattergeo" && trace.locations !== undefined);
}

/** The subplots with maps: their names once there are no tiles, and what those of tiles were called. */
function subplots(data: readonly ValueMap[]): Map<string, string | null> {
  const names = new Map<string, string | null>();
  for (const trace of data) {
    if (TILED.test(String(trace.type))) names.set(geoName(trace), tiledName(trace));
    else if (trace.type === "scattergeo" || trace.type === "choropleth") names.set(String(trace.geo ?? "geo"), null);
  }
  return names;
}

const tiledName = (trace: ValueMap) => String(trace.subplot ?? (/box$/.test(String(trace.type)) ? "mapbox" : "map"));
const geoName = (trace: ValueMap) => `geo${TILED_FROM + (Number(/\d+$/.exec(tiledName(trace))?.[0]) || 1)}`;

function withoutTiles(trace: ValueMap): ValueMap {
  const kind = TILED.exec(String(trace.type))?.[1];
  if (kind === undefined) return trace;
  const { subplot: _subplot, below: _below, cluster: _cluster, ...rest } = trace;
  const geo = geoName(trace);
  if (kind === "choropleth") return { ...rest, type: "choropleth", geo };
  if (kind === "scatter") return { ...rest, type: "scattergeo", geo };
  const { lon, lat, z, text, name, hovertemplate, colorscale, showscale } = rest;
  const marker = { color: z, colorscale, showscale: showscale ?? true, size: 9, opacity: 0.6 };
  return { type: "scattergeo", mode: "markers", geo, lon, lat, text, name, hovertemplate, marker };
}

const withGrid = (geo: ValueMap): ValueMap => ({
  ...geo,
  lonaxis: { showgrid: true, ...partOf(geo, "lonaxis") },
  lataxis: { showgrid: true, ...partOf(geo, "lataxis") },
});

function partOf(map: ValueMap, name: string): ValueMap {
  const part = map[name];
  return isMap(part) ? part : {};
}
