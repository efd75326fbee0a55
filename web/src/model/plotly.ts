/** Figures of Plotly: what is read of them, and the colours of the page for those that chose none. Pure. */

import { isMap, type ValueMap } from "./value";

/** Colours as CSS has them. */
export interface FigureColors {
  surface: string;
  text: string;
  grid: string;
}

/** What marks the template that plotly gives to every figure whose author chose none. */
const DEFAULT_BACKGROUND = "#E5ECF6";
/** Plotly's own margins are for a figure that fills a page. */
const MARGIN = { l: 56, r: 24, t: 24, b: 44 };
const TITLE_ROOM = 24;
/** These write names above their axes. */
const NAMED_ABOVE = ["parcoords", "parcats"];

/** Reads a figure; anything that is no figure gives an error that says so. */
export function figureOf(data: unknown): ValueMap {
  if (!isMap(data) || !Array.isArray(data.data)) {
    throw new Error("This file is not a Plotly figure: it has no list `data`.");
  }
  return data;
}

/** The title of a figure, if it has one. */
export function titleOf(figure: ValueMap): string | null {
  const { text } = titleMap(partOf(figure, "layout").title);
  return typeof text === "string" && text !== "" ? text : null;
}

/** Old figures have their titles as plain texts, which Plotly no longer shows. */
const titleMap = (title: unknown): ValueMap => (isMap(title) ? title : { text: title });

/** The figure as it fits into a panel: as large as its frame, in the colours of the page unless its author chose some. */
export function fitted(figure: ValueMap, colors: FigureColors): ValueMap {
  const { width: _width, height: _height, ...layout } = withTitles(partOf(figure, "layout"));
  const template = templateOf(layout.template, colors);
  return {
    data: figure.data,
    frames: figure.frames ?? [],
    layout: {
      ...layout,
      autosize: true,
      margin: { ...MARGIN, t: topOf(figure), ...partOf(layout, "margin") },
      paper_bgcolor: layout.paper_bgcolor ?? partOf(template, "layout").paper_bgcolor ?? "#fff",
      template,
    },
  };
}

function topOf(figure: ValueMap): number {
  const traces = Array.isArray(figure.data) ? figure.data.filter(isMap) : [];
  const isNamed = traces.some((trace) => NAMED_ABOVE.includes(String(trace.type)));
  return MARGIN.t + (titleOf(figure) === null ? 0 : TITLE_ROOM) + (isNamed ? TITLE_ROOM : 0);
}

/** The layout, with all titles of the figure and its axes as maps. */
function withTitles(layout: ValueMap): ValueMap {
  return Object.fromEntries(
    Object.entries(layout).map(([name, value]) => {
      if (name === "title") return [name, titleMap(value)];
      if (/^[xy]axis\d*$/.test(name) && isMap(value)) return [name, withTitles(value)];
      return [name, value];
    }),
  );
}

function templateOf(given: unknown, { surface, text, grid }: FigureColors): ValueMap {
  const template = isMap(given) ? given : {};
  const layout = partOf(template, "layout");
  if (layout.plot_bgcolor !== undefined && layout.plot_bgcolor !== DEFAULT_BACKGROUND) return template;
  const axis = (name: string, more: ValueMap = {}) => ({
    ...partOf(layout, name),
    gridcolor: grid,
    linecolor: grid,
    zerolinecolor: grid,
    ...more,
  });
  const flat = (parts: string[]) => Object.fromEntries(parts.map((part) => [part, axis(part)]));
  const deep = (name: string, parts: string[], more: ValueMap = {}) => {
    const inner = partOf(layout, name);
    const axes = parts.map((part) => [part, { ...partOf(inner, part), gridcolor: grid, linecolor: grid, ...more }]);
    return { ...inner, bgcolor: surface, ...Object.fromEntries(axes) };
  };
  return {
    ...template,
    layout: {
      ...layout,
      paper_bgcolor: surface,
      plot_bgcolor: surface,
      font: { ...partOf(layout, "font"), color: text },
      ...flat(["xaxis", "yaxis"]),
      polar: deep("polar", ["angularaxis", "radialaxis"]),
      ternary: deep("ternary", ["aaxis", "baxis", "caxis"]),
      geo: { ...deep("geo", ["lonaxis", "lataxis"]), framecolor: grid },
      scene: deep("scene", ["xaxis", "yaxis", "zaxis"], { backgroundcolor: surface, zerolinecolor: grid }),
    },
  };
}

function partOf(map: ValueMap, name: string): ValueMap {
  const part = map[name];
  return isMap(part) ? part : {};
}
