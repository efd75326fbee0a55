/** The box of values beside the pointer: its place on the page, and its columns. Pure. */

import type { Measure } from "./names";

export const ROW_HEIGHT = 18;
export const COLUMN_GAP = 16;
/** Borders and padding of the box on both sides; with its headline. */
const FRAME_WIDTH = 18;
const FRAME_HEIGHT = 33;
/** From the edges of the window, and from the line it speaks of. */
const MARGIN = 8;
const GAP = 12;
/** A column of more rows than this is long to read: the rest goes beside it where there is room. */
const WANTED_ROWS = 20;
const LEAST_COLUMN = 140;
/** A box that has no room beside the line may cover it, but never more than this share of the window's width. */
const WIDEST_COVER = 0.75;

/** In a narrower window a box beside the line covers half of the chart: only a few rows stand there. */
const NARROW = 640;
const FEW_ROWS = 6;

const MOST_NAME = 240;
/** A coloured square, a number, and what is between them and the name. */
const SWATCH_WIDTH = 14;
const NUMBER_WIDTH = 66;

interface Size {
  width: number;
  height: number;
}

export interface HoverPlace extends Size {
  left: number;
  top: number;
  columns: number;
  columnWidth: number;
  /** How many rows are in a column, and how many are shown in all. */
  perColumn: number;
  shown: number;
}

/** The width of a column in which every name can be read; `numbers` stand behind each. */
export function wantedColumn(names: readonly string[], numbers: number, measure: Measure): number {
  const longest = names.reduce((most, name) => Math.max(most, measure(name)), 0);
  return SWATCH_WIDTH + Math.ceil(Math.min(longest, MOST_NAME)) + numbers * NUMBER_WIDTH;
}

/** The room for a name in a column. */
export function nameRoom(columnWidth: number, numbers: number): number {
  return columnWidth - SWATCH_WIDTH - numbers * NUMBER_WIDTH;
}

/**
 * Places a box of `count` rows beside the line at `x` of a chart, first on the side with more of the chart; where there is little room, in
 * narrower or longer columns, below, above or over the chart. Where all rows have room nowhere, it stands where most are shown.
 */
export function placeHover(
  count: number,
  wantedWidth: number,
  x: number,
  chart: { left: number; top: number; right: number; bottom: number },
  page: Size,
): HoverPlace {
  const height = page.height - 2 * MARGIN;
  const right = { width: page.width - MARGIN - GAP - x, height };
  const left = { width: x - GAP - MARGIN, height };
  const top = (box: Size) => clamp(chart.top, MARGIN, page.height - MARGIN - box.height);
  const middle = (box: Size) => clamp(x - box.width / 2, MARGIN, page.width - MARGIN - box.width);
  const places = [
    { room: right, at: (box: Size) => ({ left: x + GAP, top: top(box) }) },
    { room: left, at: (box: Size) => ({ left: x - GAP - box.width, top: top(box) }) },
    {
      room: { width: page.width - 2 * MARGIN, height: page.height - MARGIN - GAP - chart.bottom },
      at: (box: Size) => ({ left: middle(box), top: chart.bottom + GAP }),
    },
    {
      room: { width: page.width - 2 * MARGIN, height: chart.top - GAP - MARGIN },
      at: (box: Size) => ({ left: middle(box), top: chart.top - GAP - box.height }),
    },
    {
      room: { width: WIDEST_COVER * page.width, height },
      at: (box: Size) => ({ left: clamp(x + GAP, MARGIN, page.width - MARGIN - box.width), top: top(box) }),
    },
  ];
  if (x > (chart.left + chart.right) / 2) [places[0], places[1]] = [places[1], places[0]];
  const [near, far, below, above, over] = places.map(({ room, at }) => {
    const box = boxIn(room, count, wantedWidth);
    return { ...box, ...at(box) };
  });
  const isNarrow = page.width < NARROW;
  const isWhole = (box: HoverPlace) => box.shown === count;
  const isEasy = (box: HoverPlace) =>
    isWhole(box) && box.columnWidth === wantedWidth && box.perColumn <= (isNarrow ? FEW_ROWS : WANTED_ROWS);
  const order = isNarrow ? [below, above, near, far] : [near, far, over, below, above];
  const whole = [near, far].find(isEasy) ?? order.find(isWhole);
  return whole ?? [near, far, below, above].reduce((best, box) => (box.shown > best.shown ? box : best));
}

/** The box with all rows, or as many as a room has place for, in columns no longer than they must be. */
function boxIn(room: Size, count: number, wantedWidth: number) {
  const inner = room.width - FRAME_WIDTH + COLUMN_GAP;
  const most = Math.floor(inner / (Math.min(LEAST_COLUMN, wantedWidth) + COLUMN_GAP));
  const high = Math.floor((room.height - FRAME_HEIGHT) / ROW_HEIGHT);
  const easy = Math.min(Math.floor(inner / (wantedWidth + COLUMN_GAP)), Math.ceil(count / WANTED_ROWS));
  const columns = Math.max(1, Math.min(most, Math.max(easy, Math.ceil(count / Math.max(1, high)))));
  // The last row says how many more there are.
  const holds = most < 1 ? 0 : columns * Math.max(0, high);
  const shown = holds >= count ? count : Math.max(0, columns * (high - 1));
  const perColumn = Math.ceil(shown / columns);
  const columnWidth = Math.min(wantedWidth, Math.floor(inner / columns) - COLUMN_GAP);
  return {
    columns,
    perColumn,
    shown,
    columnWidth,
    width: columns * (columnWidth + COLUMN_GAP) - COLUMN_GAP + FRAME_WIDTH,
    height: FRAME_HEIGHT + ROW_HEIGHT * (perColumn + (shown < count ? 1 : 0)),
  };
}

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** Whether names are worth showing without what they have in common: where there are many of them. */
export function isCompact(names: readonly string[], page: Size): boolean {
  return names.length > (page.width < NARROW ? FEW_ROWS : WANTED_ROWS);
}
