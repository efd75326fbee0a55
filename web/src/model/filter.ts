/** Typed conditions on runs: what the filter editor edits, the address bar carries and the server understands. Pure. */

export type Kind = "number" | "text" | "tags" | "state" | "date" | "bool";
export type Operator =
  "is" | "not" | "gt" | "gte" | "lt" | "lte" | "has" | "hasnot" | "like" | "matches" | "exists" | "missing";

export interface Condition {
  field: string;
  op: Operator;
  value: string;
}

export interface Filter {
  conditions: Condition[];
  /** true: one condition is enough; false: all must hold. */
  any: boolean;
  /** Conditions in brackets, each joined the other way: "a and b and (c or d)", "a or (b and c)". */
  groups: Condition[][];
}

export const EMPTY_FILTER: Filter = { conditions: [], any: false, groups: [] };

/** Operators by kind of field, in the order the editor offers them. */
export const OPERATORS: Record<Kind, Operator[]> = {
  number: ["is", "not", "gt", "gte", "lt", "lte", "exists", "missing"],
  text: ["is", "not", "like", "matches", "exists", "missing"],
  tags: ["has", "hasnot"],
  state: ["is", "not"],
  date: ["gt", "lt"],
  bool: ["is", "not", "exists", "missing"],
};

export const OPERATOR_LABELS: Record<Operator, string> = {
  is: "is",
  not: "is not",
  gt: ">",
  gte: "≥",
  lt: "<",
  lte: "≤",
  has: "has",
  hasnot: "has not",
  like: "contains",
  matches: "matches regex",
  exists: "exists",
  missing: "is missing",
};

/** The word for a comparison: of dates, "after" and "before". */
export function operatorLabel(op: Operator, kind: Kind): string {
  if (kind === "date" && op === "gt") return "after";
  if (kind === "date" && op === "lt") return "before";
  return OPERATOR_LABELS[op];
}

export const STATES = ["running", "finished", "failed", "crashed"];

const FIELD_KINDS: Record<string, Kind> = {
  name: "text",
  id: "text",
  state: "state",
  tags: "tags",
  group: "text",
  job_type: "text",
  host: "text",
  notes: "text",
  created_s: "date",
  duration_s: "number",
  last_step: "number",
};

/** Fields every run has. */
export const RUN_FIELDS = Object.keys(FIELD_KINDS);

/** The kind of a field; `columnKind` is the server's word for a config or summary column. */
export function fieldKind(field: string, columnKind = "text"): Kind {
  if (field in FIELD_KINDS) return FIELD_KINDS[field];
  return columnKind === "number" ? "number" : columnKind === "bool" ? "bool" : "text";
}

export function needsValue(op: Operator): boolean {
  return op !== "exists" && op !== "missing";
}

/** A condition that is not finished yet (no field, or no value where one is needed) filters nothing. */
export function isComplete(condition: Condition): boolean {
  return condition.field !== "" && (!needsValue(condition.op) || condition.value !== "");
}

/** One condition in the address bar: `field:op:value`; a colon or backslash in the field is escaped. */
export function encodeCondition(condition: Condition): string {
  const field = condition.field.replace(/[\\:]/g, "\\$&");
  return needsValue(condition.op) ? `${field}:${condition.op}:${condition.value}` : `${field}:${condition.op}`;
}

/** The reverse; null when the text is none of ours. */
export function decodeCondition(text: string): Condition | null {
  const match = /^((?:[^\\:]|\\.)+):([a-z]+)(?::([\s\S]*))?$/.exec(text);
  if (!match || !(match[2] in OPERATOR_LABELS)) return null;
  return { field: match[1].replace(/\\(.)/g, "$1"), op: match[2] as Operator, value: match[3] ?? "" };
}

/** A group in the address bar: its conditions joined by `|`; a `|` or backslash inside is escaped. */
function encodeGroup(conditions: readonly Condition[]): string {
  return conditions
    .filter(isComplete)
    .map((condition) => encodeCondition(condition).replace(/[\\|]/g, "\\$&"))
    .join("|");
}

function decodeGroup(text: string): Condition[] {
  const parts = text.match(/(?:[^\\|]|\\.)+/gs) ?? [];
  return decodeConditions(parts.map((part) => part.replace(/\\(.)/gs, "$1")));
}

function decodeConditions(parts: readonly string[]): Condition[] {
  return parts.map(decodeCondition).filter((condition): condition is Condition => condition !== null);
}

/** The filter as query values: `f` for each condition, `fg` for each group, `any`. */
export function encodeFilter(filter: Filter): { f: string[]; fg: string[]; any: string | null } {
  return {
    f: filter.conditions.filter(isComplete).map(encodeCondition),
    fg: filter.groups.map(encodeGroup).filter((text) => text !== ""),
    any: filter.any ? "1" : null,
  };
}

export function decodeFilter(query: URLSearchParams): Filter {
  return {
    conditions: decodeConditions(query.getAll("f")),
    any: query.get("any") === "1",
    groups: query.getAll("fg").map(decodeGroup),
  };
}

/** How many conditions filter something. */
export function countConditions(filter: Filter): number {
  return [filter.conditions, ...filter.groups].flat().filter(isComplete).length;
}

type Mongo = Record<string, unknown>;

/** The server's `filter` (Mongo-style), or null when nothing is filtered. `kindOf` gives a field's kind. */
export function toMongo(filter: Filter, kindOf: (field: string) => Kind): Mongo | null {
  const all = (conditions: readonly Condition[]) =>
    conditions.filter(isComplete).map((condition) => mongoCondition(condition, kindOf));
  const groups = filter.groups.map((group) => join(all(group), !filter.any)).filter((part) => part !== null);
  return join([...all(filter.conditions), ...groups], filter.any);
}

function join(parts: readonly Mongo[], any: boolean): Mongo | null {
  if (parts.length <= 1) return parts[0] ?? null;
  return { [any ? "$or" : "$and"]: parts };
}

function mongoCondition(condition: Condition, kindOf: (field: string) => Kind): Record<string, unknown> {
  const { field, op } = condition;
  const value = typedValue(condition.value, kindOf(field));
  switch (op) {
    case "is":
    case "has":
      return { [field]: value };
    case "not":
    case "hasnot":
      return { [field]: { $ne: value } };
    case "like":
      return { [field]: { $regex: "(?i)" + escapePattern(condition.value) } };
    case "matches":
      return { [field]: { $regex: condition.value } };
    case "exists":
      return { [field]: { $exists: true } };
    case "missing":
      return { [field]: { $exists: false } };
    default:
      return { [field]: { ["$" + op]: value } };
  }
}

function typedValue(text: string, kind: Kind): unknown {
  if (kind === "bool") return text === "true";
  if (kind === "number") {
    const number = Number(text);
    return text.trim() !== "" && !Number.isNaN(number) ? number : text;
  }
  if (kind === "date") {
    const millis = Date.parse(text.length === 10 ? text + "T00:00:00" : text);
    return Number.isNaN(millis) ? text : millis / 1000;
  }
  return text;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
