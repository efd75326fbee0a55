/** The gallery of panels (`/gallery`), for those who work on them: it needs the dashboard's files, but no data and no server. */

import { mount } from "svelte";
import { answerWith, servedFigureFrame, type Transport } from "../api/client";
import type { SeriesKey } from "../api/series";
import { offlineTransport } from "../offline/answers";
import Gallery from "./Gallery.svelte";
import { histogramAnswer } from "./layers";
import { mediaData } from "./media";
import { PROJECT, RUNS } from "./runs";
import { seriesAnswer } from "./series";

export function showGallery(target: HTMLElement): unknown {
  const offline = offlineTransport(mediaData(), (url, body) => {
    if (url.pathname === "/api/series") return seriesAnswer(body as { series: SeriesKey[] });
    if (url.pathname.endsWith("/histograms")) return histogramAnswer(body as { keys: string[] });
    if (url.pathname === `/api/projects/${PROJECT}/views`) return { views: [] };
    if (url.pathname === `/api/projects/${PROJECT}/runs`) return { total: RUNS.length, offset: 0, runs: RUNS };
    return undefined;
  });
  const fetch: Transport["fetch"] = (url, init) => trouble(init) ?? offline.fetch(url, init);
  answerWith({ ...offline, fetch, figureFrame: servedFigureFrame, hasTableQueries: true });
  const name = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  return mount(Gallery, { target, props: { name } });
}

/** Two lines that never come: one is refused, one is still on its way. */
function trouble(init: RequestInit): Promise<Response> | undefined {
  const body = typeof init.body === "string" ? init.body : "";
  if (body.includes('"slow"')) return new Promise(() => undefined);
  if (!body.includes('"unreadable"')) return undefined;
  const error = { code: "internal", message: "The log of this run is damaged.", field: null };
  return Promise.resolve(new Response(JSON.stringify({ error }), { status: 500 }));
}
