import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { PipeReader } from '../pipelines/pipe-reader';
import { accessorOf } from './accessor-of';
import { NativeRequest, type NativeRequestMethods } from './native-request';
import { RequestBody } from './request-body';

/** Where a request keeps its body. Made on first use; the message classes declare it, so that it costs nothing. */
export const kRequestBody = Symbol('pipebody.requestBody');

/** What pipebody adds to a request. */
export interface RequestMembers {
  /** The parsed value when there is one, else the current body as a `Readable`; undefined without a body. */
  body: unknown;
  /** The current body as a pipe; the same object until the body is swapped. */
  bodyReader: PipeReader;
}

/** A request that has the members. */
export type PipeRequest = IncomingMessage & RequestMembers;

interface RequestWithBody extends IncomingMessage {
  [kRequestBody]: RequestBody | undefined;
}

interface NodeMethods extends NativeRequestMethods {
  readable: PropertyDescriptor;
}

/**
 * The members of a request, to hang on a prototype: what users see, and the methods by which node:http feeds a request.
 *
 * `target` is that prototype (or object); what it had before under these names is what the members build on.
 */
export function requestMembers(target: object): PropertyDescriptorMap {
  const native = methodsOf(target);
  const bodyOf = (request: RequestWithBody): RequestBody => {
    if (request[kRequestBody] === undefined) {
      request[kRequestBody] = new RequestBody(request, new NativeRequest(request, native));
      if (!('app' in request)) keepOnRequest(request, members);
    }
    return request[kRequestBody];
  };
  const members = Object.getOwnPropertyDescriptors({
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

    /** By a stream of its own, which goes on with its body when another one is swapped in. */
    [Symbol.asyncIterator](this: RequestWithBody): AsyncIterator<Buffer> {
      return bodyOf(this).stream[Symbol.asyncIterator]();
    },

    /** As in Node, false once the body was read to its end; a tick earlier, for the parser that comes next. */
    get readable(): boolean {
      const request = this as unknown as RequestWithBody;
      const wasRead = request[kRequestBody]?.isDrained && request.complete;
      return !wasRead && (native.readable.get as () => boolean).call(request);
    },

    set readable(value: boolean) {
      native.readable.set?.call(this, value);
    },

    push(this: RequestWithBody, chunk: Buffer | null): boolean {
      // The end of a request that nobody looked at yet: `complete` tells it to whoever looks later.
      if (chunk === null && this[kRequestBody] === undefined) return false;
      return bodyOf(this).receive(chunk);
    },

    _read(this: RequestWithBody, size: number): void {
      if (this[kRequestBody] === undefined && this.complete) native.push.call(this, null);
      else bodyOf(this).feedRequest(size);
    },

    _dump(this: RequestWithBody): void {
      if (this[kRequestBody] === undefined) native._dump.call(this);
      else this[kRequestBody].discard();
    },

    _destroy(this: RequestWithBody, error: Error | null, callback: (error?: Error | null) => void): void {
      this[kRequestBody]?.abort();
      native._destroy.call(this, error, callback);
    },
  });
  return members;
}

/**
 * Outside of an application the request may yet be handed to one, which then gives it another prototype; the bytes that
 * are held here must not be left behind.
 */
function keepOnRequest(request: object, members: PropertyDescriptorMap): void {
  for (const name of ['push', '_read', '_dump', '_destroy', 'readable']) {
    Object.defineProperty(request, name, { ...members[name], enumerable: false });
  }
}

/** The methods that the members replace, as they were. */
function methodsOf(target: object): NodeMethods {
  const { push, _read, _dump, _destroy } = target as unknown as Readable & NodeMethods;
  return { push, _read, _dump, _destroy, readable: accessorOf(target, 'readable') };
}
