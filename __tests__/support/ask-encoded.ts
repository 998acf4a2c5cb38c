import http from 'node:http';
import * as zlib from 'node:zlib';
import type { RunningServer } from './hosts';

/** A response as it came, and its body without the coding. */
export interface EncodedAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Every value of a header, in the order in which they came. */
  valuesOf(name: string): string[];
  readonly bytes: Buffer;
  readonly text: string;
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: zlib.gunzipSync,
  br: zlib.brotliDecompressSync,
  deflate: zlib.inflateSync,
  // From Node 22.15 on.
  zstd: (zlib as unknown as { zstdDecompressSync(bytes: Buffer): Buffer }).zstdDecompressSync,
  identity: (bytes) => bytes,
};

/** The bytes before a coding; none for one that nobody knows. */
export function decode(coding: string, bytes: Buffer): Buffer {
  return decoders[coding]?.(bytes) ?? Buffer.alloc(0);
}

/** Asks a server; by default a client that takes gzip. */
export function askEncoded(server: RunningServer, options: http.RequestOptions = {}): Promise<EncodedAnswer> {
  const { headers = { 'Accept-Encoding': 'gzip' }, ...others } = options;
  return new Promise((resolve, reject) => {
    const request = http.request(server.url, { agent: false, headers, ...others }, async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
        resolve(answerOf(response, Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
    request.once('error', reject).end();
  });
}

function answerOf({ statusCode = 0, headers, rawHeaders }: http.IncomingMessage, bytes: Buffer): EncodedAnswer {
  return {
    status: statusCode,
    headers,
    valuesOf: (name) =>
      rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name),
    bytes,
    text: bytes.length === 0 ? '' : decode(headers['content-encoding'] ?? 'identity', bytes).toString(),
  };
}
