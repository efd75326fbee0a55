/** What the page of a project offers to the command palette and by keys. */

import type { Command } from "../../state/commands.svelte";
import type { Workspace } from "../../state/workspace.svelte";

const SECTION = "Runs";

export function workspaceCommands(workspace: Workspace): Command[] {
  const commands: Command[] = [
    { section: SECTION, label: "Search runs", keys: "/", icon: "search", run: focusSearch },
    { section: SECTION, label: "Filter runs", keys: "f", icon: "filter", run: () => open("Filter") },
    { section: SECTION, label: "Choose columns", keys: "e", icon: "columns", run: () => open("Columns") },
    { section: SECTION, label: "Group runs", keys: "b", icon: "group", run: () => open("Group") },
    { section: SECTION, label: "Saved views", keys: "w", icon: "bookmark", run: () => open("Views") },
    {
      section: SECTION,
      label: workspace.archived ? "Leave archived runs out" : "Show archived runs",
      icon: "archive",
      run: () => workspace.setArchived(!workspace.archived),
    },
  ];
  if (workspace.isNarrowed) {
    commands.push({
      section: SECTION,
      label: "Clear search and filters",
      icon: "close",
      run: () => workspace.clearFilters(),
    });
  }
  if (workspace.isGrouped) {
    commands.push({ section: SECTION, label: "Stop grouping", icon: "close", run: () => workspace.setGroupFields([]) });
  }
  if (workspace.hidden.size > 0) {
    commands.push({ section: SECTION, label: "Open all eyes", icon: "eye", run: () => workspace.showAll() });
  }
  for (const column of workspace.columns) {
    if (column.kind === "tags") continue;
    const sort = () => workspace.setSorts([{ field: column.name, descending: true }]);
    commands.push({ section: "Sort", label: `Sort by ${column.label}, largest first`, icon: "arrow-down", run: sort });
  }
  return commands;
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>("[data-search]")?.focus();
}

function open(label: string): void {
  document.querySelector<HTMLElement>(`[role="toolbar"] button[aria-label^="${label}"]`)?.click();
}
