import zlib, { type BrotliOptions, type ZlibOptions } from 'node:zlib';
import { Deflaters } from './deflaters';
import { GzipEncoder } from './gzip-encoder';
import { type PieceEncoder, StreamEncoder, type ZlibStream } from './piece-encoder';

/** A content coding, as `Content-Encoding` names it. */
export interface ContentCoding {
  readonly name: string;
  /** Encodes a whole body. */
  encode(bytes: Uint8Array): Buffer;
  /** Encodes a body in pieces. An encoder that fails between them says so. */
  openEncoder(give: (chunk: Buffer) => void, fail: (error: Error) => void): PieceEncoder;
}

/** Options of zstd in node:zlib, which the types of Node 20 do not know yet. */
export interface ZstdOptions {
  /** Parameters by the numbers of `zlib.constants.ZSTD_c_…`. Default: level 3. */
  params?: Record<number, number | boolean>;
  /** Bytes of the pieces that come out. Default 16,384 (16 KiB). */
  chunkSize?: number;
}

/** What the encoders are made with. */
export interface EncoderOptions {
  readonly zlib: ZlibOptions;
  readonly brotli: BrotliOptions;
  readonly zstd: ZstdOptions;
}

/** A name as `encodings` and `enforceEncoding` take it. */
export type CodingName = 'br' | 'zstd' | 'gzip' | 'deflate';

/** Every coding that there is a name for; the order is the server's where the client has no preference. */
export const codingNames: readonly CodingName[] = ['br', 'zstd', 'gzip', 'deflate'];

/** From Node 22.15 on. */
interface ZlibWithZstd {
  createZstdCompress?(options: object): ZlibStream;
  zstdCompressSync(bytes: Uint8Array, options: object): Buffer;
}

const { constants } = zlib;
/** https://github.com/facebook/zstd, zstd.h: ZSTD_c_compressionLevel. */
const zstdLevel = 100;

const makers: Record<CodingName, (options: EncoderOptions) => ContentCoding | undefined> = {
  br: ({ brotli }) => {
    const options = { ...brotli, params: { [constants.BROTLI_PARAM_QUALITY]: 4, ...brotli.params } };
    return {
      name: 'br',
      encode: (bytes) => zlib.brotliCompressSync(bytes, options),
      openEncoder: (give, fail) => new StreamEncoder(zlib.createBrotliCompress(options), give, fail),
    };
  },
  zstd: ({ zstd }) => {
    const { createZstdCompress, zstdCompressSync } = zlib as unknown as ZlibWithZstd;
    if (createZstdCompress === undefined) return undefined;
    const options = { ...zstd, params: { [zstdLevel]: 3, ...zstd.params } };
    return {
      name: 'zstd',
      encode: (bytes) => zstdCompressSync(bytes, options),
      openEncoder: (give, fail) => new StreamEncoder(createZstdCompress(options), give, fail),
    };
  },
  gzip: ({ zlib: options }) => {
    const deflaters = new Deflaters(options);
    return {
      name: 'gzip',
      encode: (bytes) => zlib.gzipSync(bytes, forWhole(options, bytes.length)),
      openEncoder: (give) => new GzipEncoder(deflaters, give),
    };
  },
  deflate: ({ zlib: options }) => ({
    name: 'deflate',
    encode: (bytes) => zlib.deflateSync(bytes, forWhole(options, bytes.length)),
    openEncoder: (give, fail) => new StreamEncoder(zlib.createDeflate(options), give, fail),
  }),
};

/** A window as large as the body finds all that a larger one does, and memory that is not taken need not be freed. */
function forWhole(options: ZlibOptions, length: number): ZlibOptions {
  // zlib looks back as far as the window less 262 bytes (MIN_LOOKAHEAD).
  const needed = Math.min(15, Math.max(9, 32 - Math.clz32(length + 262)));
  // node:zlib knows no gzip with a window of 8 bits, and takes 9 for 8 where it makes the pieces of a larger body.
  const windowBits = Math.max(9, Math.min(options.windowBits ?? needed, needed));
  return { ...options, windowBits, chunkSize: Math.max(64, length) };
}

/** The codings of these names that this Node has, in their order. Options that node:zlib refuses are refused here. */
export function makeCodings(names: readonly CodingName[], options: EncoderOptions): ReadonlyMap<string, ContentCoding> {
  const codings = names.map((name) => makers[name](options)).filter((coding) => coding !== undefined);
  for (const coding of codings) {
    coding
      .openEncoder(
        () => {},
        () => {},
      )
      .destroy();
  }
  return new Map(codings.map((coding) => [coding.name, coding]));
}
