/** The name of the run on the page, for the bar above it, which knows only the id. */

class Crumbs {
  run = $state.raw<{ id: string; name: string } | null>(null);
}

export const crumbs = new Crumbs();
