/** The panel that is being dragged, and where it would land. */

class PanelDrag {
  id = $state<string | null>(null);
  over = $state.raw<{ id: string; isAfter: boolean } | null>(null);

  start(id: string, event: DragEvent): void {
    if (event.dataTransfer === null) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", id);
    this.id = id;
  }

  end(): void {
    this.id = null;
    this.over = null;
  }
}

export const drag = new PanelDrag();
