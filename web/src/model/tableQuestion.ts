/** What a user asks of a table, as the query of `/api/table`. Pure. */

import type { Aggregate, TableColumn, TableQuestion, TableSource } from "../api/tables";

export type Operator = "is" | "not" | "gt" | "gte" | "lt" | "lte" | "like";

export interface Condition {
  column: string;
  operator: Operator;
  text: string;
}

/** Rows that got better, worse or merely changed between the two tables of a comparison. */
export type Outcome = (typeof OUTCOMES)[number];
export const OUTCOMES = ["all", "better", "worse", "changed"] as const;

/** Which rows a comparison keeps: those of both tables, all of this one, or all of both. */
export type JoinKind = "inner" | "left" | "outer";

export interface Comparison {
  label: string;
  source: TableSource;
  /** The columns whose values say which rows belong together; without any, rows with the same number do. */
  keys: string[];
  how: JoinKind;
  /** The column that is compared. */
  column: string;
  /** Whether it has numbers, or true and false: 1 and 0. */
  isNumber: boolean;
  /** Whether more is better. */
  isGain: boolean;
  outcome: Outcome;
}

export interface TableView {
  search: string;
  conditions: Condition[];
  groupBy: string[];
  aggregates: Aggregate[];
  comparison: Comparison | null;
  order: { column: string; descending: boolean } | null;
}

export const PLAIN_VIEW: TableView = {
  search: "",
  conditions: [],
  groupBy: [],
  aggregates: [],
  comparison: null,
  order: null,
};

export const DIFFERENCE = "_diff";

export function questionOf(source: TableSource, view: TableView): TableQuestion {
  const { comparison, order, groupBy } = view;
  const filters = [...view.conditions.map(conditionFilter), ...outcomeFilter(comparison)];
  return {
    source,
    search: view.search.trim() || null,
    filter: filters.length === 0 ? null : filters.length === 1 ? filters[0] : { $and: filters },
    group: groupBy.length === 0 ? null : { by: groupBy, aggregates: [{ op: "count" }, ...view.aggregates] },
    join:
      comparison === null
        ? null
        : {
            source: comparison.source,
            on: comparison.keys.length === 0 ? null : comparison.keys.map((key) => [key, key]),
            how: comparison.how,
            differences: comparison.isNumber ? [comparison.column] : [],
          },
    order: order === null ? defaultOrder(comparison, groupBy) : [(order.descending ? "-" : "") + order.column],
  };
}

/** The outcomes that a comparison tells apart. */
export function outcomesOf(comparison: Comparison): Outcome[] {
  return OUTCOMES.filter((outcome) => comparison.isNumber || outcome === "all" || outcome === "changed");
}

/** Compared rows: the greatest loss first. Groups: the largest first. */
function defaultOrder(comparison: Comparison | null, groupBy: string[]): string[] {
  if (groupBy.length > 0) return ["-count"];
  if (comparison === null || !comparison.isNumber) return [];
  return [(comparison.isGain ? "" : "-") + comparison.column + DIFFERENCE];
}

function outcomeFilter(comparison: Comparison | null): Record<string, unknown>[] {
  if (comparison === null || comparison.outcome === "all") return [];
  if (!comparison.isNumber) return [{ [comparison.column]: { $ne: { $column: comparison.column + "_2" } } }];
  const name = comparison.column + DIFFERENCE;
  // A row that only one of the tables has did not change: it came or went.
  if (comparison.outcome === "changed") return [{ [name]: { $ne: 0, $exists: true } }];
  const isUp = (comparison.outcome === "better") === comparison.isGain;
  return [{ [name]: { [isUp ? "$gt" : "$lt"]: 0 } }];
}

function conditionFilter({ column, operator, text }: Condition): Record<string, unknown> {
  const value = valueOf(text);
  if (operator === "like") return { [column]: { $regex: text } };
  if (operator === "is") return { [column]: value };
  return { [column]: { [operator === "not" ? "$ne" : `$${operator}`]: value } };
}

/** What was typed, as the value it reads like: a number, true, false or text. */
export function valueOf(text: string): string | number | boolean {
  const trimmed = text.trim();
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

export type CellLook = "number" | "image" | "change" | "text";

const hasNumbers = ({ kind }: TableColumn) => kind === "number" || kind === "foreignIndex";

/** Whether a mean of the column says something: of true and false it is the share of true. */
export const isMeasure = (column: TableColumn) => hasNumbers(column) || column.kind === "boolean";

/** The key that rows most likely belong together by: a column that is called like one, else the row number. */
export function likelyKeys(columns: readonly TableColumn[]): string[] {
  const isKey = /(^|[_ ])(id|idx|index|key|example|name|file|filename|path|row)$/i;
  const found = columns.find((column) => column.media === null && isKey.test(column.name));
  return found === undefined ? [] : [found.name];
}

/** The column that is most likely compared: one that is called like a score or an error, else the last with numbers. */
export function likelyMeasure(columns: readonly TableColumn[]): string | null {
  const usable = columns.filter((column) => column.media === null);
  const measures = usable.filter(isMeasure);
  const isScore =
    /(^|[_ .-])(score|acc|accuracy|loss|error|prob|probability|conf|confidence|iou|dice|f1|auc|rmse|mae|mse|reward|right|correct)($|[_ .-])/i;
  const named = measures.find((column) => isScore.test(column.name));
  const numbers = measures.filter((column) => column.kind === "number");
  return (named ?? numbers.at(-1) ?? measures.at(-1) ?? usable.at(0))?.name ?? null;
}

/** Whether more of it is better, as far as its name tells. */
export const isGain = (column: string) => !/loss|error|rmse|mae|mse/i.test(column);

/** The largest number of rows that share a key comes first: more than one, and the key does not tell rows apart. */
export function keyQuestion(source: TableSource, keys: readonly string[]): TableQuestion {
  return { source, group: { by: [...keys], aggregates: [{ op: "count" }] }, order: ["-count"] };
}

/**
 * The places of the columns in the order in which they are drawn: what is compared stands in front, behind the key and the first picture.
 * Without a comparison, as they are.
 */
export function drawnOrder(columns: readonly TableColumn[], comparison: Comparison | null): number[] {
  const places = columns.map((_, place) => place);
  if (comparison === null) return places;
  const { keys, column } = comparison;
  const picture = columns.find((one) => lookOf(one, comparison) === "image")?.name;
  const first = [...keys, picture, column, column + "_2", column + DIFFERENCE]
    .map((name) => columns.findIndex((one) => one.name === name))
    .filter((place) => place >= 0);
  return [...new Set([...first, ...places])];
}

/** What stands over a column: those of the other table bear its name. */
export function headOf(name: string, columns: readonly TableColumn[], comparison: Comparison | null): string {
  const own = name.endsWith("_2") ? name.slice(0, -2) : null;
  if (comparison === null || own === null || !columns.some((column) => column.name === own)) return name;
  return `${own} (${comparison.label})`;
}

/** How a column is drawn. */
export function lookOf(column: TableColumn, comparison: Comparison | null): CellLook {
  if (comparison !== null && column.name === comparison.column + DIFFERENCE) return "change";
  if (column.media === "image-file" || column.media === "images/separated") return "image";
  return hasNumbers(column) ? "number" : "text";
}
