import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { nativeProperty } from './native-property';
import type { WriteCallback } from './write-callback';

/** What lies beneath the response members: the methods that node:http, or whoever made the response, gave it. */
export interface NativeResponseMethods {
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean;
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): ServerResponse;
  writeHead(statusCode: number, reason?: unknown, headers?: unknown): ServerResponse;
  flushHeaders(): void;
  emit(event: string | symbol, ...values: unknown[]): boolean;
  /** The accessor of `writableNeedDrain`. */
  readonly needsDrain: (this: ServerResponse) => boolean;
  /** The accessor of `writableLength`. */
  readonly length: (this: ServerResponse) => number;
  /** The accessor of `writableEnded`. */
  readonly isEnded: (this: ServerResponse) => boolean;
}

/** The methods that the members replace, as a prototype (or object) has them. */
export function nativeResponseMethods(target: object): NativeResponseMethods {
  const [write, end, writeHead, flushHeaders, emit] = ['write', 'end', 'writeHead', 'flushHeaders', 'emit'].map(
    (name) => nativeProperty(target, name).value,
  );
  return {
    write,
    end,
    writeHead,
    flushHeaders,
    emit,
    needsDrain: getterOf(target, 'writableNeedDrain', needsDrainOfStream),
    length: getterOf(target, 'writableLength', () => 0),
    isEnded: getterOf(target, 'writableEnded', () => false),
  };
}

function getterOf<Value>(
  target: object,
  name: string,
  otherwise: (this: ServerResponse) => Value,
): (this: ServerResponse) => Value {
  return (nativeProperty(target, name).get as (() => Value) | undefined) ?? otherwise;
}

/** A response of HTTP/2 says so by its stream. */
function needsDrainOfStream(this: ServerResponse & { stream?: Writable }): boolean {
  return this.stream?.writableNeedDrain ?? false;
}
