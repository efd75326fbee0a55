/**
 * Something read from the server, with its loading and error state. A new load cancels the one before; while it is on
 * its way the old value stays on screen, so that nothing jumps.
 */

export class Resource<T> {
  value = $state.raw<T | undefined>(undefined);
  error = $state.raw<Error | undefined>(undefined);
  isLoading = $state(false);
  private abort: AbortController | undefined;

  /** Starts a load; an answer that has been overtaken is dropped. */
  async load(read: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    this.isLoading = true;
    try {
      const value = await read(abort.signal);
      if (abort.signal.aborted) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      if (!abort.signal.aborted) this.isLoading = false;
    }
  }

  /** Forgets the value, for example when the page shows another run. */
  clear(): void {
    this.abort?.abort();
    this.value = undefined;
    this.error = undefined;
    this.isLoading = false;
  }
}
