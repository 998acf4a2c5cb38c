import type { Writable } from 'node:stream';

/** Makes transforms give out what they hold, one after the other: each passes its bytes on before the next one does. */
export async function flushStreams(streams: readonly Writable[]): Promise<void> {
  for (const stream of streams) {
    const { flush } = stream as { flush?: (callback: () => void) => void };
    // node:zlib's; a stream that was ended flushes by itself, and calls nobody back.
    if (typeof flush !== 'function' || stream.writableEnded || stream.destroyed) continue;
    // One that closes before it calls back leaves nothing to flush: its end comes through the others, or the cut does.
    await new Promise<void>((resolve) => flush.call(stream, resolve));
  }
}
