/** The page's one series batcher: a frame's worth of charts becomes one request. */

import { SeriesBatcher } from "../api/batch";
import { fetchSeries } from "../api/series";

// Hidden tabs get no animation frames; a timer serves both.
export const seriesBatcher = new SeriesBatcher(fetchSeries, (flush) => setTimeout(flush, 16));
