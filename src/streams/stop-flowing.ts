import type { Readable } from 'node:stream';

/** The stream flows when the next one listens, and not before: not as after `pause()`, where that one would have to resume it. */
export function stopFlowing(stream: Readable): void {
  (stream as { readableFlowing: boolean | null }).readableFlowing = null;
}
