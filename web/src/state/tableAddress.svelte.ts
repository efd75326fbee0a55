/** What is asked of one table, kept in the address bar under its name; in a page that stands alone, in memory. */

import { hasTableQueries } from "../api/client";
import { decodeTable, encodeTable, type TableState } from "../model/tableAddress";
import { router } from "./router.svelte";

/** To be created while a component is set up. */
export class TableAddress {
  private own = $state<string | null>(null);
  private readonly name = $derived.by(() => `table.${this.nameOf()}`);
  private readonly text = $derived.by(() => (hasTableQueries() ? router.query.get(this.name) : this.own));
  readonly value = $derived(decodeTable(this.text));

  /** `nameOf`: one table on a page has no other's name. */
  constructor(private readonly nameOf: () => string) {}

  set(part: Partial<TableState>): void {
    const text = encodeTable({ ...this.value, ...part });
    if (hasTableQueries()) router.set({ [this.name]: text });
    else this.own = text;
  }
}
