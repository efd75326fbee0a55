/** Typed conditions on runs: what the filter editor edits, the address bar carries and the server understands. Pure. */

export type Kind = "number" | "text" | "tags" | "state" | "date" | "bool";
export type Operator = "is" | "not" | "gt" | "gte" | "lt" | "lte" | "has" | "hasnot" | "like" | "exists" | "missing";

export interface Condition {
  field: string;
  op: Operator;
  value: string;
}

export interface Filter {
  conditions: Condition[];
  /** true: one condition is enough; false: all must hold. */
  any: boolean;
}

export const EMPTY_FILTER: Filter = { conditions: [], any: false };

/** Operators by kind of field, in the order the editor offers them. */
export const OPERATORS: Record<Kind, Operator[]> = {
  number: ["is", "not", "gt", "gte", "lt", "lte", "exists", "missing"],
  text: ["is", "not", "like", "exists", "missing"],
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
  exists: "exists",
  missing: "is missing",
};

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

export function encodeFilter(filter: Filter): string[] {
  return filter.conditions.filter(isComplete).map(encodeCondition);
}

export function decodeFilter(parts: readonly string[], any: boolean): Filter {
  const conditions = parts.map(decodeCondition).filter((condition): condition is Condition => condition !== null);
  return { conditions, any };
}

/** The server's `filter` (Mongo-style), or null when nothing is filtered. `kindOf` gives a field's kind. */
export function toMongo(filter: Filter, kindOf: (field: string) => Kind): Record<string, unknown> | null {
  const parts = filter.conditions.filter(isComplete).map((condition) => mongoCondition(condition, kindOf));
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0];
  return { [filter.any ? "$or" : "$and"]: parts };
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
