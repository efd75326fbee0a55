/** Reading of nested config and summary values. Pure. */

export type ValueMap = Record<string, unknown>;

export function isMap(value: unknown): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number, also where JSON had to spell it: "NaN", "Infinity", "-Infinity". Anything else: undefined. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (value === "NaN") return NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  return undefined;
}

/** The value at a dotted path. A key that itself contains dots wins over the nested reading. */
export function valueAt(map: ValueMap, path: string): unknown {
  if (path in map) return map[path];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const inner = map[path.slice(0, dot)];
    if (isMap(inner)) {
      const found = valueAt(inner, path.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

export interface Leaf {
  path: string;
  value: unknown;
}

/** Every leaf with its dotted path, in order. Media values (maps with `_type`) and empty maps are leaves. */
export function leaves(map: ValueMap, prefix = ""): Leaf[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const path = prefix + key;
    const nested = isMap(value) && typeof value._type !== "string" && Object.keys(value).length > 0;
    return nested ? leaves(value, path + ".") : [{ path, value }];
  });
}

export interface TreeNode {
  name: string;
  path: string;
  value: unknown;
  children: TreeNode[];
}

/** The map as a tree; branches without a matching name or value (case-insensitive) are left out. */
export function tree(map: ValueMap, search = "", prefix = ""): TreeNode[] {
  const needle = search.trim().toLowerCase();
  const nodes: TreeNode[] = [];
  for (const [name, value] of Object.entries(map)) {
    const path = prefix + name;
    const isBranch = isMap(value) && typeof value._type !== "string" && Object.keys(value).length > 0;
    const selfMatches = needle === "" || path.toLowerCase().includes(needle);
    if (isBranch) {
      const children = tree(value, selfMatches ? "" : search, path + ".");
      if (children.length > 0) nodes.push({ name, path, value, children });
    } else if (selfMatches || String(JSON.stringify(value)).toLowerCase().includes(needle)) {
      nodes.push({ name, path, value, children: [] });
    }
  }
  return nodes;
}
