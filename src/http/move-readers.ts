import type { Readable } from 'node:stream';

/** What a stream is piped into. Node tells nobody; every version keeps it here. */
export function pipesOf(stream: Readable): readonly NodeJS.WritableStream[] {
  return (stream as unknown as { _readableState: { pipes: NodeJS.WritableStream[] } })._readableState.pipes;
}

/**
 * Moves everybody who reads a stream to another one, which gives them the same bytes. What the stream still holds is theirs
 * alone, copies of what others took, and they get it first.
 */
export function moveReaders(from: Readable, to: Readable): void {
  giveHeld(from);
  for (const destination of [...pipesOf(from)]) {
    from.unpipe(destination);
    to.pipe(destination);
  }
  for (const event of ['end', 'data']) {
    for (const listener of from.rawListeners(event) as ListenerWithOrigin[]) {
      from.off(event, listener);
      if (listener.listener === undefined) to.on(event, listener);
      else to.once(event, listener.listener);
    }
  }
}

/** To those who are paused, too: the other stream would not wait for them either. */
function giveHeld(stream: Readable): void {
  // A stream that believes to be asking does not ask for more.
  (stream as unknown as { _readableState: { reading: boolean } })._readableState.reading = true;
  while (stream.readableLength > 0 && stream.read() !== null);
}

/** `once()` wraps what it was given and keeps it here. */
interface ListenerWithOrigin {
  (...args: unknown[]): void;
  listener?: (...args: unknown[]) => void;
}
