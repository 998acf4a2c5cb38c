import type { Readable, Writable } from 'node:stream';

/** Pipes a source into another stream than before. What was piped with `{ end: false }` does not end that one either. */
export function movePipe(source: Readable, from: Writable, to: Writable): void {
  const before = source.listeners('end');
  source.unpipe(from);
  const after = source.listeners('end');
  // Node has no public way to ask for it: at the end of its source such a pipe does nothing but unpipe.
  const isLeftOpen = before.some((listener) => listener.name === 'unpipe' && !after.includes(listener));
  source.pipe(to, { end: !isLeftOpen });
}
