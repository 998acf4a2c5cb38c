import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { toBytes } from './to-bytes';

type Listener = (...args: unknown[]) => void;

/**
 * Takes the bytes out of a stream that it holds and nobody took, without telling its listeners, who stay. Then
 * {@link renew} it: it may have come to its end.
 */
export function takeBack(stream: Readable): Buffer | null {
  if (stream.readableLength === 0) return null;
  const { readableEncoding } = stream;
  const listeners = stream.rawListeners('data') as Listener[];
  for (const listener of listeners) EventEmitter.prototype.removeListener.call(stream, 'data', listener);
  // An exact size takes the bytes without setting off 'end'.
  const rest = stream.read(stream.readableLength);
  for (const listener of listeners) EventEmitter.prototype.on.call(stream, 'data', listener);
  return rest === null ? null : toBytes(rest, readableEncoding);
}

/** Makes a stream as new; its listeners stay. */
export function renew(stream: Readable): void {
  const { readableEncoding, readableHighWaterMark } = stream;
  Readable.call(stream, { highWaterMark: readableHighWaterMark });
  if (readableEncoding !== null) stream.setEncoding(readableEncoding);
}
