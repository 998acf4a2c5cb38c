import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import type { PipeWriter } from '../../pipelines/pipe-writer';
import type { ContentCoding } from './content-codings';

/** Bytes of a body up to which it is encoded at once: 16 KiB take less time than the way to another thread and back. */
export const largestWholeBody = 16_384;

/** Takes the one write of a body that one call brings, encodes it at once, and declares its length. */
export class WholeBody extends Writable {
  readonly #response: ServerResponse;
  readonly #coding: ContentCoding;
  readonly #writer: PipeWriter;

  constructor(response: ServerResponse, coding: ContentCoding, writer: PipeWriter) {
    super();
    this.#response = response;
    this.#coding = coding;
    this.#writer = writer;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    try {
      const encoded = this.#coding.encode(chunk);
      if (this.#mayDeclareLength()) this.#response.setHeader('Content-Length', encoded.length);
      // Where it waits for the client, completing the writer settles it with an error.
      this.#writer.write(encoded).catch(() => {});
      void this.#writer.complete();
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#writer.complete().then(() => callback(), callback);
  }

  /** Trailers need chunks, and whoever set Transfer-Encoding wants them (RFC 9112 §6.2). */
  #mayDeclareLength(): boolean {
    const { headersSent } = this.#response;
    return !headersSent && !this.#response.hasHeader('Transfer-Encoding') && !this.#response.hasHeader('Trailer');
  }
}
