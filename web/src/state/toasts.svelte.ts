/** Short messages at the foot of the page, some with a way back. */

export interface Toast {
  id: number;
  text: string;
  tone: "info" | "error";
  action?: { label: string; run: () => void };
}

class Toasts {
  list = $state<Toast[]>([]);
  private next = 0;

  show(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
    const toast: Toast = { id: this.next++, text, tone: options.tone ?? "info", action: options.action };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.dismiss(toast.id), toast.action || toast.tone === "error" ? 10_000 : 4000);
  }

  error(error: unknown): void {
    this.show(error instanceof Error ? error.message : String(error), { tone: "error" });
  }

  /** Takes away messages that no longer hold. */
  dismissText(text: string): void {
    this.list = this.list.filter((toast) => toast.text !== text);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
