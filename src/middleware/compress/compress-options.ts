import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BrotliOptions } from 'node:zlib';
import { noFunction, unknownCoding } from '../errors';
import { parseSize } from '../parse-size';
import { type CodingName, type ContentCoding, codingNames, makeCodings, type ZstdOptions } from './content-codings';
import { isCompressible } from './is-compressible';

/** Says it of one response. A method's type, so that it may ask for Express's Request and Response, as compression's. */
export type CompressChoice = { choose(request: IncomingMessage, response: ServerResponse): unknown }['choose'];

/** Options of `compress()`, as compression's, and some more. */
export interface CompressOptions {
  /** Bytes from which on a body is compressed whose length is known: a number, or text such as `'1kb'`. Default 1,024. */
  threshold?: number | string | undefined;
  /** Whether a response may be compressed. Default: `compress.filter`, by its Content-Type. */
  filter?: CompressChoice | undefined;
  /** Requests whose responses are left alone, whatever `filter` says: pages with secrets (docs/compression.md). */
  exclude?: { choose(request: IncomingMessage): unknown }['choose'] | undefined;
  /** The codings to choose from, the first where a client has no preference. Default `['br', 'zstd', 'gzip', 'deflate']`. */
  encodings?: readonly CodingName[] | undefined;
  /**
   * The coding for clients that send no Accept-Encoding: a {@link CodingName}, checked when the middleware is made.
   * Default `'identity'`: none.
   */
  enforceEncoding?: CodingName | 'identity' | (string & Record<never, never>) | undefined;
  /** Whether a response goes out after each tick's writes, besides event streams and `X-Accel-Buffering: no`. */
  flushWrites?: CompressChoice | undefined;
  /** Level of gzip and deflate: 0 to 9, or -1 for zlib's own, which is 6. Default 6. */
  level?: number | undefined;
  /** Memory of gzip and deflate: 1 to 9, 2^(memLevel + 9) bytes. Default 7: 65,536 bytes (64 KiB). */
  memLevel?: number | undefined;
  /** Window of gzip and deflate: 8 to 15, 2^(windowBits + 2) bytes. Default 14: 65,536 bytes (64 KiB). */
  windowBits?: number | undefined;
  /** Strategy of gzip and deflate, `zlib.constants.Z_…`. Default `Z_DEFAULT_STRATEGY`. */
  strategy?: number | undefined;
  /** Bytes of the pieces that come out of gzip and deflate. Default 16,384 (16 KiB). */
  chunkSize?: number | undefined;
  /** Options of Brotli in node:zlib. Default: quality 4. */
  brotli?: BrotliOptions | undefined;
  /** Options of zstd in node:zlib, where Node has it. Default: level 3. */
  zstd?: ZstdOptions | undefined;
}

/** Options with every default filled in. */
export interface CompressSettings {
  readonly thresholdBytes: number;
  readonly filter: (request: IncomingMessage, response: ServerResponse) => unknown;
  readonly exclude: (request: IncomingMessage) => unknown;
  readonly flushWrites: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** By their names, the first the one to choose among equals. */
  readonly codings: ReadonlyMap<string, ContentCoding>;
  /** For clients that do not say what they take. */
  readonly enforced: ContentCoding | undefined;
}

export const defaultThreshold = 1_024;
export const defaultLevel = 6;
export const defaultMemLevel = 7;
export const defaultWindowBits = 14;

const never = () => false;

/** Refuses bad options with a `TypeError` or `RangeError`, when the middleware is made. */
export function resolveCompressOptions(options: CompressOptions): CompressSettings {
  const { encodings = codingNames, enforceEncoding = 'identity', level = defaultLevel } = options;
  const { memLevel = defaultMemLevel, windowBits = defaultWindowBits, strategy, chunkSize } = options;
  for (const name of encodings) checkName('encodings', name, codingNames);
  checkName('enforceEncoding', enforceEncoding, ['identity', ...codingNames]);
  const zlib = {
    level,
    memLevel,
    windowBits,
    ...(strategy !== undefined && { strategy }),
    ...(chunkSize !== undefined && { chunkSize }),
  };
  const brotli = checkObject('brotli', options.brotli ?? {});
  const codings = makeCodings(encodings, { zlib, brotli, zstd: checkObject('zstd', options.zstd ?? {}) });
  return {
    thresholdBytes: parseSize('threshold', options.threshold ?? defaultThreshold),
    filter: checkFunction('filter', options.filter ?? isCompressible),
    exclude: checkFunction('exclude', options.exclude ?? never),
    flushWrites: checkFunction('flushWrites', options.flushWrites ?? never),
    codings,
    enforced: codings.get(enforceEncoding),
  };
}

function checkName(option: string, name: string, allowed: readonly string[]): void {
  if (allowed.includes(name)) return;
  throw unknownCoding(option, allowed, name);
}

function checkFunction<Option>(option: string, value: Option): Option {
  if (typeof value === 'function') return value;
  throw noFunction(option, value);
}

function checkObject<Option>(option: string, value: Option): Option {
  if (typeof value === 'object') return value;
  throw new TypeError(`"${option}" must be an object of node:zlib's options; it is ${String(value)}.`);
}
