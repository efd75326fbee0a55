/** Saved views of a project: the query part of its address under a name, kept on the server for everyone. */

import { deleteView, getViews, saveView } from "../api/client";
import type { View } from "../api/types";
import { Resource } from "./resource.svelte";
import { toasts } from "./toasts.svelte";
import { undo } from "./undo.svelte";

const KIND = "workspace";

export class SavedViews {
  readonly resource = new Resource<View[]>();
  readonly list = $derived(this.resource.value ?? []);

  constructor(private readonly project: string) {}

  load(): Promise<void> {
    return this.resource.load(async (signal) =>
      (await getViews(this.project, signal)).views.filter((view) => view.kind === KIND),
    );
  }

  /** The query text that a view holds, with its question mark; "" for one without any. */
  searchOf(view: View): string {
    const data = view.data as { search?: unknown } | null;
    return typeof data?.search === "string" ? data.search : "";
  }

  /** The name of the view that shows just this; null when there is none. */
  nameOf(search: string): string | null {
    return this.list.find((view) => this.searchOf(view) === search)?.name ?? null;
  }

  /** Saves the address's query under a name; what had the name before can be brought back. */
  async save(name: string, search: string): Promise<void> {
    const previous = this.list.find((view) => view.name === name);
    await this.write(name, search, `Saved the view “${name}”`, previous ? this.searchOf(previous) : null);
  }

  async remove(view: View): Promise<void> {
    await this.write(view.name, null, `Deleted the view “${view.name}”`, this.searchOf(view));
  }

  private async write(name: string, search: string | null, label: string, previous: string | null): Promise<void> {
    try {
      await this.put(name, search);
      undo.offer(label, () => this.put(name, previous));
    } catch (error) {
      toasts.error(error);
    }
  }

  private async put(name: string, search: string | null): Promise<void> {
    if (search === null) await deleteView(this.project, KIND, name);
    else await saveView(this.project, KIND, name, { search });
    await this.load();
  }
}
