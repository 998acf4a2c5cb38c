import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WriteOptions } from '../pipelines/results';
import { type BodyTransform, connectBelow } from './body-transform';
import { responseStarted } from './errors';
import { closeIfNotContinued } from './expect-continue';
import { keepOnMessage } from './keep-on-message';
import type { MemberSet } from './member-set';
import { byteLength, declaredLength, isNodes, NativeResponse } from './native-response';
import { nativeResponseMethods } from './native-response-methods';
import { bodyAboveOthers, isPatched } from './patched-response';
import { ResponseBody } from './response-body';
import { type CompletedCallback, type Disposable, disposerOf, ResponseCompletion } from './response-completion';
import { completeAsync, startAsync, writeAsync } from './response-life';
import type { StartingCallback } from './response-start';
import { isWatched, watchedMethods } from './watched-methods';
import type { WriteCallback } from './write-callback';

/** Where a response keeps its body. Made on first use; the message classes declare it, so that it costs nothing. */
export const kResponseBody = Symbol('pipebody.responseBody');

/** Where it keeps the body above what others put on it, if they did. */
const kAbove = Symbol('pipebody.above');
const kCompletion = Symbol('pipebody.completion');

/** What pipebody adds to a response. */
export interface ResponseMembers {
  /** The current body as a `Writable` that is not the response itself. Assigning a stream swaps the body. */
  body: Writable;
  /** The current body as a pipe; the same object until the body is swapped. */
  bodyWriter: PipeWriter;
  /** Connects a transform to the current body and swaps to it. Errors and destruction run both ways. */
  pipeBodyThrough(transform: BodyTransform): Writable;
  /** Whether the headers are settled and the starting callbacks ran. */
  readonly hasStarted: boolean;
  /** Runs the starting callbacks and settles the headers, once. Rejects with the error of a callback. */
  startAsync(): Promise<void>;
  /** Called before the headers leave, the last registered first; each is awaited. After the start it is an error. */
  onStarting(callback: StartingCallback): void;
  /** Called after the response finished or was cut off, the last registered first. */
  onCompleted(callback: CompletedCallback): void;
  /** Disposed of after the response finished or was cut off. */
  registerForDispose(resource: Disposable): void;
  /** Starts where needed, writes and flushes. */
  writeAsync(data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult>;
  /** Starts where needed, flushes and ends; settles when the response was handed to the system. */
  completeAsync(): Promise<void>;
  /** Pushes what transforms hold to the client. */
  flush(): void;
}

/** A response that has the members. */
export type PipeResponse = ServerResponse & ResponseMembers;

interface ResponseWithBody extends ServerResponse {
  [kResponseBody]: ResponseBody | undefined;
  [kAbove]?: ResponseBody;
  [kCompletion]?: ResponseCompletion;
}

/** What users see of a response's body, and the methods that everything written to a response goes through. */
export const responseMembers: MemberSet = {
  hangingOn: membersOn,
  // What starting callbacks use, too.
  kept: [
    'body',
    'bodyWriter',
    'pipeBodyThrough',
    'hasStarted',
    'onStarting',
    'flush',
    'write',
    'end',
    'writeHead',
    'flushHeaders',
    'emit',
    'writableNeedDrain',
    'writableLength',
    'writableEnded',
  ],
  slot: kResponseBody,
};

function membersOn(target: object): PropertyDescriptorMap {
  const native = nativeResponseMethods(target);
  const { end, writeHead, emit } = native;
  const bodyOf = (response: ResponseWithBody): ResponseBody => {
    if (response[kResponseBody] === undefined) {
      const methods = isWatched(response) ? watchedMethods(response, native) : native;
      response[kResponseBody] = new ResponseBody(new NativeResponse(response, methods));
    }
    return response[kResponseBody];
  };
  /** The body that everything goes through, where there is one or somebody listens; else node:http can have it at once. */
  const wayOf = (response: ResponseWithBody): ResponseBody | undefined =>
    response[kResponseBody] ?? (isWatched(response) ? bodyOf(response) : undefined);
  /** The body of a response that is about to get something that must not be lost. */
  const keptBodyOf = (response: ResponseWithBody): ResponseBody => {
    keepOnMessage(response, members, responseMembers);
    return currentOf(response);
  };
  /** What users see: above what other middleware put on the response. A starting callback sees what lies beneath all. */
  const currentOf = (response: ResponseWithBody): ResponseBody => {
    const body = bodyOf(response);
    if (body.start.isInCallback) return body;
    if (isPatched(response)) response[kAbove] = bodyAboveOthers(response[kAbove] ?? body);
    return response[kAbove] ?? body;
  };
  const pipedOf = (response: ResponseWithBody): ResponseBody => {
    const body = bodyOf(response);
    return body.start.isInCallback ? body : (response[kAbove] ?? body);
  };
  const completionOf = (response: ResponseWithBody): ResponseCompletion => {
    response[kCompletion] ??= new ResponseCompletion(response);
    return response[kCompletion];
  };
  const members = Object.getOwnPropertyDescriptors({
    get body(): unknown {
      return currentOf(this as unknown as ResponseWithBody).value;
    },

    set body(value: unknown) {
      keptBodyOf(this as unknown as ResponseWithBody).value = value;
    },

    get bodyWriter(): PipeWriter {
      return currentOf(this as unknown as ResponseWithBody).writer;
    },

    set bodyWriter(writer: PipeWriter) {
      keptBodyOf(this as unknown as ResponseWithBody).writer = writer;
    },

    pipeBodyThrough(this: ResponseWithBody, transform: BodyTransform): Writable {
      const body = keptBodyOf(this);
      body.value = connectBelow(transform, body.stream);
      return body.stream;
    },

    get hasStarted(): boolean {
      return (this as unknown as ResponseWithBody).headersSent;
    },

    startAsync(this: ResponseWithBody): Promise<void> {
      return startAsync(currentOf(this));
    },

    onStarting(this: ResponseWithBody, callback: StartingCallback): void {
      if (this.headersSent) throw responseStarted();
      keepOnMessage(this, members, responseMembers);
      bodyOf(this).start.add(callback);
    },

    onCompleted(this: ResponseWithBody, callback: CompletedCallback): void {
      completionOf(this).add(callback);
    },

    registerForDispose(this: ResponseWithBody, resource: Disposable): void {
      completionOf(this).add(disposerOf(resource));
    },

    writeAsync(this: ResponseWithBody, data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult> {
      return writeAsync(currentOf(this), data, options);
    },

    completeAsync(this: ResponseWithBody): Promise<void> {
      return completeAsync(currentOf(this));
    },

    flush(this: ResponseWithBody): void {
      currentOf(this).flush();
    },

    write(
      this: ResponseWithBody,
      chunk: unknown,
      encoding?: BufferEncoding | WriteCallback,
      callback?: WriteCallback,
    ): boolean {
      return typeof encoding === 'function'
        ? bodyOf(this).write(chunk, undefined, encoding)
        : bodyOf(this).write(chunk, encoding, callback);
    },

    end(
      this: ResponseWithBody,
      chunk?: unknown,
      encoding?: BufferEncoding | WriteCallback,
      callback?: WriteCallback,
    ): ServerResponse {
      if (wayOf(this) === undefined && isWholeBody(this, chunk, encoding)) {
        return end.call(this, chunk, encoding as BufferEncoding, callback);
      }
      bodyOf(this).endBy(chunk, encoding, callback);
      return this;
    },

    writeHead(this: ResponseWithBody, statusCode: number, reason?: unknown, headers?: unknown): ServerResponse {
      closeIfNotContinued(this.req, this);
      const body = wayOf(this);
      if (body === undefined) return writeHead.call(this, statusCode, reason, headers);
      body.head.write(statusCode, reason, headers);
      return this;
    },

    flushHeaders(this: ResponseWithBody): void {
      const body = wayOf(this);
      if (body === undefined) native.flushHeaders.call(this);
      else body.head.flush();
    },

    get writableNeedDrain(): boolean {
      const response = this as unknown as ResponseWithBody;
      return (response[kAbove] ?? response[kResponseBody])?.needsDrain ?? native.needsDrain.call(response);
    },

    get writableLength(): number {
      const response = this as unknown as ResponseWithBody;
      if (response[kResponseBody]?.native.isCounting) return native.length.call(response);
      return (response[kAbove] ?? response[kResponseBody])?.writableLength ?? native.length.call(response);
    },

    get writableEnded(): boolean {
      const response = this as unknown as ResponseWithBody;
      return (response[kAbove] ?? response[kResponseBody])?.isEnded || native.isEnded.call(response);
    },

    emit(this: ResponseWithBody, event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'drain' && this[kResponseBody] !== undefined) {
        this[kResponseBody].nativeDrained();
        return true;
      }
      if (event === 'unpipe') (this[kAbove] ?? this[kResponseBody])?.swapped.removeSource(values[0] as Readable);
      const wasHeard = emit.call(this, event, ...values);
      if (event === 'pipe') pipedOf(this).addSource(values[0] as Readable);
      return wasHeard;
    },
  });
  return members;
}

/** Whether one call brings as many bytes as were declared, as most responses do: then node:http can have them at once. */
function isWholeBody(response: ServerResponse, chunk: unknown, encoding: unknown): boolean {
  if (!isNodes(response)) return false;
  // Nothing is left to be counted.
  if (response.writableFinished || (response as { finished?: boolean }).finished) return true;
  const declared = declaredLength(response);
  return declared === undefined || declared === byteLength(chunk, encoding as BufferEncoding);
}
