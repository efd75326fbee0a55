/**
 * One request for all charts that ask within the same frame. Asking again for what is on its way joins that request;
 * what came is kept until the run's version changes (least recently used goes first).
 */

import type { Series, SeriesKey, SeriesQuery } from "./series";

export interface SeriesRequest extends SeriesKey {
  /** Changes when the run has new data; part of what an answer is remembered under. */
  version: number;
}

type Fetch = (series: SeriesKey[], query: SeriesQuery) => Promise<Series[]>;
type Schedule = (flush: () => void) => void;

interface Waiting {
  key: SeriesKey;
  resolve: (series: Series) => void;
  reject: (error: unknown) => void;
}

const MAX_PER_REQUEST = 400;

export class SeriesBatcher {
  private readonly answers = new Map<string, Promise<Series>>();
  private queue = new Map<string, { query: SeriesQuery; waiting: Waiting[] }>();
  private isScheduled = false;

  constructor(
    private readonly fetch: Fetch,
    private readonly schedule: Schedule,
    private readonly capacity = 2000,
  ) {}

  /** The lines, in the order asked for. */
  load(requests: readonly SeriesRequest[], query: SeriesQuery): Promise<Series[]> {
    return Promise.all(requests.map((request) => this.one(request, query)));
  }

  private one(request: SeriesRequest, query: SeriesQuery): Promise<Series> {
    const shape = JSON.stringify([query.x, query.buckets, query.xMin ?? null, query.xMax ?? null]);
    const id = JSON.stringify([request.project, request.run, request.key, request.version, shape]);
    const known = this.answers.get(id);
    if (known !== undefined) {
      this.answers.delete(id);
      this.answers.set(id, known);
      return known;
    }
    const answer = new Promise<Series>((resolve, reject) => {
      const group = this.queue.get(shape) ?? { query, waiting: [] };
      this.queue.set(shape, group);
      const { project, run, key } = request;
      group.waiting.push({ key: { project, run, key }, resolve, reject });
      if (!this.isScheduled) {
        this.isScheduled = true;
        this.schedule(() => this.flush());
      }
    });
    this.answers.set(id, answer);
    answer.catch(() => this.answers.delete(id));
    this.trim();
    return answer;
  }

  private trim(): void {
    for (const id of this.answers.keys()) {
      if (this.answers.size <= this.capacity) return;
      this.answers.delete(id);
    }
  }

  private flush(): void {
    this.isScheduled = false;
    const groups = [...this.queue.values()];
    this.queue = new Map();
    for (const { query, waiting } of groups) {
      for (let from = 0; from < waiting.length; from += MAX_PER_REQUEST) {
        void this.ask(waiting.slice(from, from + MAX_PER_REQUEST), query);
      }
    }
  }

  private async ask(waiting: Waiting[], query: SeriesQuery): Promise<void> {
    try {
      const answers = await this.fetch(
        waiting.map((entry) => entry.key),
        query,
      );
      waiting.forEach((entry, index) => entry.resolve(answers[index]));
    } catch (error) {
      for (const entry of waiting) entry.reject(error);
    }
  }
}
