import type { Readable } from 'node:stream';

/** Whether what a stream is piped into, directly or through others, comes to `target`. */
export function reaches(stream: unknown, target: unknown, seen = new Set<unknown>()): boolean {
  if (stream === target) return true;
  if (seen.has(stream)) return false;
  seen.add(stream);
  return destinationsOf(stream).some((destination) => reaches(destination, target, seen));
}

/** What a stream is piped into. Node has no public way to ask for it. */
function destinationsOf(stream: unknown): readonly unknown[] {
  return (stream as Readable & { _readableState?: { pipes?: unknown[] } })._readableState?.pipes ?? [];
}
