import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { PipeWriter } from '../pipelines/pipe-writer';
import { accessorOf } from './accessor-of';
import { NativeResponse, type NativeResponseMethods, type WriteCallback } from './native-response';
import { ResponseBody } from './response-body';
import { withoutContentLength } from './without-content-length';

/** Where a response keeps its body. Made on first use; the message classes declare it, so that it costs nothing. */
export const kResponseBody = Symbol('pipebody.responseBody');

/** What pipebody adds to a response. */
export interface ResponseMembers {
  /** The current body as a `Writable` that is not the response itself. Assigning a stream swaps the body. */
  body: Writable;
  /** The current body as a pipe; the same object until the body is swapped. */
  bodyWriter: PipeWriter;
}

/** A response that has the members. */
export type PipeResponse = ServerResponse & ResponseMembers;

interface ResponseWithBody extends ServerResponse {
  [kResponseBody]: ResponseBody | undefined;
}

/**
 * The members of a response, to hang on a prototype: what users see, and the methods that everything written to a
 * response goes through.
 *
 * `target` is that prototype (or object); what it had before under these names is what the members build on.
 */
export function responseMembers(target: object): PropertyDescriptorMap {
  const { write, end, writeHead, emit } = target as NativeResponseMethods;
  const needsDrain = accessorOf(target, 'writableNeedDrain').get as () => boolean;
  const native: NativeResponseMethods = { write, end, writeHead, emit, needsDrain };
  const bodyOf = (response: ResponseWithBody): ResponseBody => {
    response[kResponseBody] ??= new ResponseBody(new NativeResponse(response, native));
    return response[kResponseBody];
  };
  return Object.getOwnPropertyDescriptors({
    get body(): unknown {
      return bodyOf(this as unknown as ResponseWithBody).value;
    },

    set body(value: unknown) {
      bodyOf(this as unknown as ResponseWithBody).value = value;
    },

    get bodyWriter(): PipeWriter {
      return bodyOf(this as unknown as ResponseWithBody).writer;
    },

    set bodyWriter(writer: PipeWriter) {
      bodyOf(this as unknown as ResponseWithBody).writer = writer;
    },

    write(
      this: ResponseWithBody,
      chunk: unknown,
      encoding?: BufferEncoding | WriteCallback,
      callback?: WriteCallback,
    ): boolean {
      const body = this[kResponseBody];
      if (body === undefined) return write.call(this, chunk, encoding as BufferEncoding, callback);
      return typeof encoding === 'function'
        ? body.write(chunk, undefined, encoding)
        : body.write(chunk, encoding, callback);
    },

    end(
      this: ResponseWithBody,
      chunk?: unknown,
      encoding?: BufferEncoding | WriteCallback,
      callback?: WriteCallback,
    ): ServerResponse {
      const body = this[kResponseBody];
      if (body === undefined) return end.call(this, chunk, encoding as BufferEncoding, callback);
      if (typeof chunk === 'function') body.end(undefined, undefined, chunk as WriteCallback);
      else if (typeof encoding === 'function') body.end(chunk, undefined, encoding);
      else body.end(chunk, encoding, callback);
      return this;
    },

    get writableNeedDrain(): boolean {
      const response = this as unknown as ResponseWithBody;
      return response[kResponseBody]?.needsDrain ?? needsDrain.call(response);
    },

    emit(this: ResponseWithBody, event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'drain' && this[kResponseBody]?.isDrainHeard() === false) return false;
      if (event === 'unpipe') this[kResponseBody]?.removeSource(values[0] as Readable);
      const wasHeard = emit.call(this, event, ...values);
      if (event === 'pipe') bodyOf(this).addSource(values[0] as Readable);
      return wasHeard;
    },

    writeHead(this: ResponseWithBody, statusCode: number, reason?: unknown, headers?: unknown): ServerResponse {
      if (!this[kResponseBody]?.isSwapped) return writeHead.call(this, statusCode, reason, headers);
      // The length was that of the bytes before the swap.
      this.removeHeader('content-length');
      return writeHead.call(this, statusCode, withoutContentLength(reason), withoutContentLength(headers));
    },
  });
}
