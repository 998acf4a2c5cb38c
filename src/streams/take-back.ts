import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { toBytes } from './to-bytes';

type Listener = (...args: unknown[]) => void;

/**
 * Takes the bytes out of a stream that it holds and nobody took, without telling its listeners, who stay. It asks for more
 * when somebody wants some, also where it was asking or had come to its end.
 */
export function takeBack(stream: Readable): Buffer | null {
  const state = stateOf(stream);
  const rest = stream.readableLength === 0 ? null : takeSilently(stream, state);
  state.reading = false;
  // What has given its last byte is about to say so.
  if (rest !== null && state.ended) renew(stream);
  return rest;
}

function takeSilently(stream: Readable, state: StreamState): Buffer | null {
  const { readableEncoding } = stream;
  const listeners = stream.rawListeners('data') as Listener[];
  for (const listener of listeners) EventEmitter.prototype.removeListener.call(stream, 'data', listener);
  // An exact size takes the bytes without setting off 'end'; a stream that believes to be read does not ask for more.
  state.reading = true;
  const rest = stream.read(stream.readableLength);
  for (const listener of listeners) EventEmitter.prototype.on.call(stream, 'data', listener);
  return rest === null ? null : toBytes(rest, readableEncoding);
}

/** Makes a stream as new; its listeners stay, and so does who it is piped into. */
export function renew(stream: Readable): void {
  const { readableEncoding, readableHighWaterMark, readableFlowing } = stream;
  const before = stateOf(stream);
  // It may be about to say 'end' for a last byte that was put back meanwhile.
  before.endEmitted = true;
  Readable.call(stream, { highWaterMark: readableHighWaterMark });
  if (readableEncoding !== null) stream.setEncoding(readableEncoding);
  const { pipes, awaitDrainWriters, multiAwaitDrain, readableListening } = before;
  // Whoever waits for 'readable' is told, and who paused it must be the one who resumes it.
  const needReadable = readableListening;
  const flowing = readableFlowing;
  Object.assign(stateOf(stream), {
    pipes,
    awaitDrainWriters,
    multiAwaitDrain,
    readableListening,
    needReadable,
    flowing,
  });
}

/** What Node keeps of a stream. */
interface StreamState {
  ended: boolean;
  endEmitted: boolean;
  reading: boolean;
  readableListening: boolean;
  pipes: unknown;
  awaitDrainWriters: unknown;
  multiAwaitDrain: boolean;
}

function stateOf(stream: Readable): StreamState {
  return (stream as unknown as { _readableState: StreamState })._readableState;
}
