/** What is looked at from time to time, until it says that it is over. */
export interface Watched {
  /** `now` is a time in milliseconds. True ends the watch. */
  beat(now: number): boolean;
}

/** Milliseconds between two looks. */
const intervalMs = 250;

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;

/** One timer for all requests: a watch costs no more than an entry in a set. As Kestrel's heartbeat. */
export function watch(thing: Watched): void {
  watched.add(thing);
  // It does not keep the process alive, and runs only while there is something to look at.
  timer ??= setInterval(beatAll, intervalMs).unref();
}

export function unwatch(thing: Watched): void {
  watched.delete(thing);
}

function beatAll(): void {
  const now = performance.now();
  for (const thing of watched) if (thing.beat(now)) watched.delete(thing);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
