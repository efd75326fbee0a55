/** When elements first come near the part of the page that is in sight. One observer serves all of them. */

const waiting = new Map<Element, () => void>();
let observer: IntersectionObserver | undefined;

function seen(entries: IntersectionObserverEntry[]): void {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    const call = waiting.get(entry.target);
    forget(entry.target);
    call?.();
  }
}

function forget(element: Element): void {
  waiting.delete(element);
  observer?.unobserve(element);
}

/** Calls `call` once, when `element` is less than some 300 pixels out of sight; returns how to stop waiting. */
export function onceInSight(element: Element, call: () => void): () => void {
  observer ??= new IntersectionObserver(seen, { rootMargin: "300px" });
  waiting.set(element, call);
  observer.observe(element);
  return () => forget(element);
}
