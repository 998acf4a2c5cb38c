import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WriteOptions } from '../pipelines/results';
import { type BodyTransform, connectBelow } from './body-transform';
import { responseStarted } from './errors';
import { closeIfNotContinued } from './expect-continue';
import { keepOnMessage } from './keep-on-message';
import type { MemberSet } from './member-set';
import { isWholeBody } from './native-response';
import { type NativeResponseMethods, nativeResponseMethods } from './native-response-methods';
import {
  bodiesOf,
  completionOf,
  kAbove,
  kResponseBody,
  type ResponseBodies,
  type ResponseWithBody,
} from './response-bodies';
import type { ResponseBody } from './response-body';
import { type CompletedCallback, type Disposable, disposerOf } from './response-completion';
import { completeAsync, startAsync, writeAsync } from './response-life';
import type { StartingCallback } from './response-start';
import type { WriteCallback } from './write-callback';

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
  const bodies = bodiesOf(native, (response) => keepOnMessage(response, members, responseMembers));
  const parts = [
    responseBodyMembers(bodies),
    startMembers(bodies),
    writingMembers(bodies, native),
    headMembers(bodies, native),
    countMembers(native),
    eventMembers(bodies, native),
  ];
  const members: PropertyDescriptorMap = Object.assign({}, ...parts.map(Object.getOwnPropertyDescriptors));
  return members;
}

/** The current body, and the ways to swap it. */
function responseBodyMembers({ currentOf, keep }: ResponseBodies): object {
  const keptBodyOf = (response: ResponseWithBody) => {
    keep(response);
    return currentOf(response);
  };
  return {
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
  };
}

/** The start and the end of a response, and what is to be done then. */
function startMembers({ bodyOf, currentOf, keep }: ResponseBodies): object {
  return {
    get hasStarted(): boolean {
      return (this as unknown as ResponseWithBody).headersSent;
    },

    startAsync(this: ResponseWithBody): Promise<void> {
      return startAsync(currentOf(this));
    },

    onStarting(this: ResponseWithBody, callback: StartingCallback): void {
      if (this.headersSent) throw responseStarted();
      keep(this);
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
  };
}

/** How bytes are written to the response itself. */
function writingMembers({ bodyOf, wayOf }: ResponseBodies, { end }: NativeResponseMethods): object {
  return {
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
  };
}

/** How its head is. */
function headMembers({ wayOf }: ResponseBodies, { flushHeaders, writeHead }: NativeResponseMethods): object {
  return {
    writeHead(this: ResponseWithBody, statusCode: number, reason?: unknown, headers?: unknown): ServerResponse {
      closeIfNotContinued(this.req, this);
      const body = wayOf(this);
      if (body === undefined) return writeHead.call(this, statusCode, reason, headers);
      body.head.write(statusCode, reason, headers);
      return this;
    },

    flushHeaders(this: ResponseWithBody): void {
      const body = wayOf(this);
      if (body === undefined) flushHeaders.call(this);
      else body.head.flush();
    },
  };
}

/** What those who write are told. */
function countMembers(native: NativeResponseMethods): object {
  return {
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
  };
}

/** What node:http and streams tell the response. */
function eventMembers({ bodyOf }: ResponseBodies, { emit }: NativeResponseMethods): object {
  const pipedOf = (response: ResponseWithBody): ResponseBody => {
    const body = bodyOf(response);
    return body.start.isInCallback ? body : (response[kAbove] ?? body);
  };
  return {
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
  };
}
