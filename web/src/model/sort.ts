/** Sort orders of the run list, as the server and the address bar spell them: `-created_s,summary.loss`. Pure. */

export interface Sort {
  field: string;
  descending: boolean;
}

export const DEFAULT_ORDER = "-created_s";

export function parseOrder(text: string): Sort[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part.length > (part.startsWith("-") ? 1 : 0))
    .map((part) =>
      part.startsWith("-") ? { field: part.slice(1), descending: true } : { field: part, descending: false },
    );
}

export function encodeOrder(sorts: readonly Sort[]): string {
  return sorts.map((sort) => (sort.descending ? "-" : "") + sort.field).join(",");
}

/**
 * What a click on a header does: first descending (best for numbers and times), then ascending, then off. With `extend`
 * (shift held) the other columns keep their place; otherwise the column becomes the only one.
 */
export function toggleSort(sorts: readonly Sort[], field: string, extend: boolean): Sort[] {
  const index = sorts.findIndex((sort) => sort.field === field);
  const current = sorts[index];
  const others = extend ? sorts.filter((sort) => sort.field !== field) : [];
  if (current === undefined) return [...others, { field, descending: true }];
  if (!current.descending) return others;
  const next = { field, descending: false };
  if (!extend) return [next];
  return sorts.map((sort) => (sort.field === field ? next : sort));
}
