/** The address bar as state: the page, and named query values. Everything one would send in a link lives here. */

import { parsePath, type Route } from "../model/routes";

/** Changes of a burst that are written without delay. */
const AT_ONCE = 8;

class Router {
  path = $state(location.pathname);
  search = $state(location.search);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private burst = 0;

  get route(): Route {
    return parsePath(this.path);
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** Goes to an address of the dashboard. Same page: the scroll position stays. */
  go(url: string, isMoved = false): void {
    this.write();
    const target = new URL(url, location.href);
    const isSamePage = target.pathname === location.pathname;
    if (isMoved) history.replaceState(null, "", target);
    else history.pushState(null, "", target);
    this.read();
    if (!isSamePage) scrollTo(0, 0);
  }

  /**
   * Sets query values; null and empty ones are removed. Replaces the history entry (a slider is no page): the first ones at
   * once, more in quick succession a moment later, as browsers refuse hundreds of changes of the address in a row.
   */
  set(values: Record<string, string | readonly string[] | null>): void {
    const query = this.query;
    for (const [name, value] of Object.entries(values)) {
      query.delete(name);
      if (value === null || value === "") continue;
      for (const part of typeof value === "string" ? [value] : value) query.append(name, part);
    }
    const text = query.toString();
    this.search = text ? "?" + text : "";
    this.burst = this.timer === undefined ? 1 : this.burst + 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), 150);
    if (this.burst <= AT_ONCE) this.replace();
  }

  private write(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.replace();
  }

  private replace(): void {
    const isThere = location.pathname === this.path && location.search === this.search;
    if (!isThere) history.replaceState(null, "", this.path + this.search);
  }

  private read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }

  /** Listens to the back button and to clicks on links inside the page. Called once. */
  start(): void {
    addEventListener("popstate", () => this.read());
    addEventListener("click", (event) => {
      const link = (event.target as Element | null)?.closest?.("a[href]");
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
      const isOurs = link.origin === location.origin && !link.pathname.startsWith("/api/");
      if (!isOurs || link.target || link.hasAttribute("download")) return;
      event.preventDefault();
      this.go(link.href);
    });
  }
}

export const router = new Router();
