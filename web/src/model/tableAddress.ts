/** What is asked of one table, as a text for the address bar. Pure. */

import type { Aggregate, TableSource } from "../api/tables";
import { OUTCOMES, PLAIN_VIEW, type Comparison, type Condition, type TableView } from "./tableQuestion";
import { isMap, type ValueMap } from "./value";

export interface TableState extends TableView {
  /** The run whose table is shown, and the step it was logged at; null: the first run, and its newest table. */
  run: string | null;
  step: number | null;
}

export const PLAIN_STATE: TableState = { ...PLAIN_VIEW, run: null, step: null };

/** JSON of what is not as it is at first; null when nothing is. */
export function encodeTable(state: TableState): string | null {
  const plain: ValueMap = { ...PLAIN_STATE };
  const parts = Object.entries(state).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name]));
  return parts.length === 0 ? null : JSON.stringify(Object.fromEntries(parts));
}

/** What cannot be read is as it is at first. */
export function decodeTable(text: string | null): TableState {
  const read = parse(text);
  return {
    search: isText(read.search) ? read.search : "",
    conditions: listOf(read.conditions, isCondition),
    groupBy: listOf(read.groupBy, isText),
    aggregates: listOf(read.aggregates, isAggregate),
    comparison: isComparison(read.comparison) ? read.comparison : null,
    order: isOrder(read.order) ? read.order : null,
    run: isText(read.run) ? read.run : null,
    step: typeof read.step === "number" ? read.step : null,
  };
}

function parse(text: string | null): ValueMap {
  try {
    const read: unknown = JSON.parse(text ?? "{}");
    return isMap(read) ? read : {};
  } catch {
    return {};
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
const isOneOf = (value: unknown, words: readonly string[]) => isText(value) && words.includes(value);

function listOf<T>(value: unknown, isItem: (item: unknown) => item is T): T[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function isCondition(value: unknown): value is Condition {
  const operators = ["is", "not", "gt", "gte", "lt", "lte", "like"];
  return isMap(value) && isText(value.column) && isText(value.text) && isOneOf(value.operator, operators);
}

function isAggregate(value: unknown): value is Aggregate {
  const ops = ["count", "mean", "min", "max", "sum", "median", "std", "distinct"];
  return isMap(value) && isOneOf(value.op, ops) && isText(value.column);
}

function isOrder(value: unknown): value is NonNullable<TableView["order"]> {
  return isMap(value) && isText(value.column) && typeof value.descending === "boolean";
}

function isSource(value: unknown): value is TableSource {
  return isMap(value) && Object.values(value).every(isText) && Object.keys(value).length > 0;
}

function isComparison(value: unknown): value is Comparison {
  return (
    isMap(value) &&
    isText(value.label) &&
    isSource(value.source) &&
    Array.isArray(value.keys) &&
    value.keys.every(isText) &&
    isOneOf(value.how, ["inner", "left", "outer"]) &&
    isText(value.column) &&
    typeof value.isNumber === "boolean" &&
    typeof value.isGain === "boolean" &&
    isOneOf(value.outcome, OUTCOMES)
  );
}
