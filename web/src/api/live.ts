/** The stream of changes (GET /api/live). The browser reconnects by itself and sends the last cursor it saw. */

import { apiUrl } from "./client";
import type { LiveChange } from "./types";

export type LiveStatus = "connecting" | "live" | "lost";

export interface LiveHandlers {
  change: (change: LiveChange) => void;
  /** Everything is to be read again: the server lost our place, or was away. */
  reset: () => void;
  status: (status: LiveStatus) => void;
}

/**
 * Where in the feed of changes all that was read so far is true at least: given with the page, then by every event. Each stream begins
 * there, so that nothing is missed between a question and the stream, nor between one stream and the next.
 */
let cursor: string | null = null;

const cursorOfPage = () => document.querySelector<HTMLMetaElement>("meta[name=kerascope-cursor]")?.content ?? null;

/** Opens the stream; returns how to close it. A closed stream (say, after a server error) is opened anew, ever more slowly. */
export function openLive(scope: { project?: string; run?: string }, handlers: LiveHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay_ms = 500;
  let wasLost = false;

  const open = () => {
    cursor ??= cursorOfPage();
    source = new EventSource(apiUrl("live", { ...scope, after: cursor ?? undefined }));
    source.onopen = () => {
      delay_ms = 500;
      handlers.status("live");
      if (wasLost) handlers.reset();
      wasLost = false;
    };
    source.addEventListener("change", (event) => {
      cursor = event.lastEventId;
      handlers.change(JSON.parse(event.data as string) as LiveChange);
    });
    source.addEventListener("reset", (event) => {
      cursor = event.lastEventId;
      handlers.reset();
    });
    source.onerror = () => {
      handlers.status("lost");
      wasLost = true;
      if (source?.readyState !== EventSource.CLOSED) return;
      source.close();
      timer = setTimeout(open, delay_ms);
      delay_ms = Math.min(delay_ms * 2, 10_000);
    };
  };

  handlers.status("connecting");
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}
