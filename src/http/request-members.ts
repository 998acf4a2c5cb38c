import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { PipeReader } from '../pipelines/pipe-reader';
import { abortSignalOf } from './abort-signal-of';
import { announcesBody } from './announced-body';
import type { BufferingOptions } from './body-recording';
import { type BodyTransform, connectAbove } from './body-transform';
import { responseOf } from './exchange';
import { keepOnMessage } from './keep-on-message';
import type { MemberSet } from './member-set';
import { nativeProperty } from './native-property';
import { NativeRequest } from './native-request';
import type { NativeRequestMethods } from './native-request-methods';
import { reportFailure } from './report-failure';
import { RequestBody } from './request-body';
import { boundDrain } from './request-drain';
import type { RequestLimits } from './request-limits';
import { whenClosed } from './when-closed';

/** Where a request keeps its body. Made on first use; the message classes declare it, so that it costs nothing. */
export const kRequestBody = Symbol('pipebody.requestBody');

/** What pipebody adds to a request. */
export interface RequestMembers {
  /** The parsed value when there is one, else the current body as a `Readable`; undefined without a body. */
  body: unknown;
  /** The current body as a pipe; the same object until the body is swapped. */
  bodyReader: PipeReader;
  /** Connects the current body to a transform and swaps to it. Errors and destruction run both ways. */
  pipeBodyThrough(transform: BodyTransform): Readable;
  /** Aborted when the client goes away before the response is finished. */
  readonly signal: AbortSignal;
  /** Keeps the body from here on, in memory and then in a file, so that {@link RequestMembers.rewindBody} can start again. */
  enableBuffering(options?: BufferingOptions): void;
  /** Makes the body of the time of {@link RequestMembers.enableBuffering} current again, from its first byte. */
  rewindBody(): void;
}

/** A request that has the members. */
export type PipeRequest = IncomingMessage & RequestMembers;

interface RequestWithBody extends IncomingMessage {
  [kRequestBody]: RequestBody | undefined;
  [kSignal]?: AbortSignal;
}

const kSignal = Symbol('pipebody.signal');
/** A member that is not for users: the body itself, made where it is not there yet. */
const kBody = Symbol('pipebody.body');

/** Bounds the body of a request that has the members. */
export function limitBody(request: IncomingMessage, limits: RequestLimits): void {
  if (announcesBody(request) || request.httpVersionMajor >= 2) bodyWithin(request).limit(limits);
}

/** Whether the body of a request was made already. */
export function hasBodyWithin(request: IncomingMessage): boolean {
  return (request as RequestWithBody)[kRequestBody] !== undefined;
}

/** The body of a request that has the members. */
export function bodyWithin(request: IncomingMessage): RequestBody {
  return (request as unknown as { [kBody]: RequestBody })[kBody];
}

interface NodeMethods extends NativeRequestMethods {
  readable: PropertyDescriptor;
}

/** What users see of a request's body, and the methods by which node:http feeds it. */
export const requestMembers: MemberSet = {
  hangingOn: membersOn,
  kept: ['body', 'push', '_read', '_dump', '_destroy', 'readable', Symbol.asyncIterator],
  slot: kRequestBody,
};

function membersOn(target: object): PropertyDescriptorMap {
  const native = methodsOf(target);
  const bodyOf: BodyOf = (request) => {
    if (request[kRequestBody] === undefined) {
      request[kRequestBody] = new RequestBody(request, new NativeRequest(request, native));
      keepOnMessage(request, members, requestMembers);
    }
    return request[kRequestBody];
  };
  const parts = [
    requestBodyMembers(bodyOf),
    keepingMembers(bodyOf),
    readMembers(bodyOf, native),
    fedMembers(bodyOf, native),
  ];
  const members: PropertyDescriptorMap = Object.assign({}, ...parts.map(Object.getOwnPropertyDescriptors));
  return members;
}

/** The body of a request, made where it is not there yet. */
type BodyOf = (request: RequestWithBody) => RequestBody;

/** The current body, and the ways to swap it. */
function requestBodyMembers(bodyOf: BodyOf): object {
  return {
    get body(): unknown {
      return bodyOf(this as unknown as RequestWithBody).value;
    },

    set body(value: unknown) {
      bodyOf(this as unknown as RequestWithBody).value = value;
    },

    get bodyReader(): PipeReader {
      return bodyOf(this as unknown as RequestWithBody).reader;
    },

    set bodyReader(reader: PipeReader) {
      bodyOf(this as unknown as RequestWithBody).reader = reader;
    },

    get [kBody](): RequestBody {
      return bodyOf(this as unknown as RequestWithBody);
    },

    pipeBodyThrough(this: RequestWithBody, transform: BodyTransform): Readable {
      const body = bodyOf(this);
      body.value = connectAbove(body.stream, transform);
      return body.stream;
    },
  };
}

/** What goes with a body: the client's going away, and reading it twice. */
function keepingMembers(bodyOf: BodyOf): object {
  return {
    get signal(): AbortSignal {
      const request = this as unknown as RequestWithBody;
      request[kSignal] ??= abortSignalOf(request);
      return request[kSignal];
    },

    enableBuffering(this: RequestWithBody, options?: BufferingOptions): void {
      const recording = bodyOf(this).enableBuffering(options);
      if (recording === undefined) return;
      const response = responseOf(this);
      const remove = () => void recording.remove().catch(reportRemoval);
      if (response?.closed) remove();
      else if (response !== undefined) whenClosed(response, remove);
      else this.once('close', remove);
    },

    rewindBody(this: RequestWithBody): void {
      bodyOf(this).rewind();
    },
  };
}

/** What those who read the request itself find changed. */
function readMembers(bodyOf: BodyOf, native: NodeMethods): object {
  return {
    /** By a stream of its own, which goes on with its body when another one is swapped in. */
    [Symbol.asyncIterator](this: RequestWithBody): AsyncIterator<Buffer> {
      const body = bodyOf(this);
      body.stopFlowing();
      return body.stream[Symbol.asyncIterator]();
    },

    /** As in Node, false once the body was read to its end; a tick earlier, for the parser that comes next. */
    get readable(): boolean {
      const request = this as unknown as RequestWithBody;
      const wasRead = request[kRequestBody]?.isOver === true;
      // A platform's plain object does not say.
      return !wasRead && (native.readable.get?.call(request) ?? true);
    },

    set readable(value: boolean) {
      native.readable.set?.call(this, value);
    },
  };
}

/** What node:http calls. */
function fedMembers(bodyOf: BodyOf, native: NodeMethods): object {
  return {
    push(this: RequestWithBody, chunk: Buffer | null): boolean {
      // The end of a request that nobody looked at yet: `complete` tells it to whoever looks later.
      if (chunk === null && this[kRequestBody] === undefined) return false;
      return bodyOf(this).route.receive(chunk);
    },

    _read(this: RequestWithBody, size: number): void {
      if (this[kRequestBody] === undefined && this.complete) native.push.call(this, null);
      else bodyOf(this).route.feedRequest(size);
    },

    _dump(this: RequestWithBody): void {
      const body = this[kRequestBody];
      if (body?.route.isReadOn) return;
      if (body === undefined) native._dump.call(this);
      else body.discard();
      boundDrain(this);
    },

    _destroy(this: RequestWithBody, error: Error | null, callback: (error?: Error | null) => void): void {
      const body = this[kRequestBody];
      if (error === null && body?.hasEndedAbove) {
        // node:http would take it for a request that was cut off, and destroy the socket before the answer.
        const response = responseOf(this);
        if (response !== undefined) whenClosed(response, () => this.socket.destroyed && body.abort());
        callback();
        return;
      }
      body?.abort();
      native._destroy.call(this, error, callback);
    },
  };
}

function reportRemoval(error: unknown): void {
  reportFailure('A temporary file was not removed:', error);
}

/** The methods that the members replace, as they were. */
function methodsOf(target: object): NodeMethods {
  const [push, _read, _dump, _destroy] = ['push', '_read', '_dump', '_destroy'].map(
    (name) => nativeProperty(target, name).value,
  );
  return { push, _read, _dump, _destroy, readable: nativeProperty(target, 'readable') };
}
