import zlib from 'node:zlib';
import { encodingUnsupported } from '../errors';
import { isBrotliSound } from './brotli-gate';
import { ZstdFrames } from './zstd-frames';

/** A stream of node:zlib that bytes are written to and decoded bytes read from. */
export type Decoder = ReturnType<typeof zlib.createGunzip>;

/** How one coding is decoded. */
export interface Coding {
  /** Makes a decoder for bytes that start like this. */
  readonly createDecoder: (start: Buffer) => Decoder;
  /** Where the decoder does not see by itself whether the body is whole. */
  readonly createFrames?: () => ZstdFrames;
}

/** Each coding costs a decoder and its window. As undici since CVE-2026-22036. */
const codingsAtMost = 5;

const gzip: Coding = { createDecoder: () => zlib.createGunzip() };

const knownCodings = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', { createDecoder: (start) => (hasZlibHeader(start) ? zlib.createInflate() : zlib.createInflateRaw()) }],
  ['br', { createDecoder: () => zlib.createBrotliDecompress() }],
]);

/** What Node 20 and its types do not know yet. */
const zstd = zlib as unknown as { createZstdDecompress?: (options: { params: Record<number, number> }) => Decoder };
const { createZstdDecompress } = zstd;

if (createZstdDecompress !== undefined) {
  const { ZSTD_d_windowLogMax = 100 } = zlib.constants as unknown as Record<string, number>;
  // RFC 9659: over HTTP a window has at most 8 MiB. Without this a client asks for 128 MiB by a header.
  knownCodings.set('zstd', {
    createDecoder: () => createZstdDecompress({ params: { [ZSTD_d_windowLogMax]: 23 } }),
    createFrames: () => new ZstdFrames(),
  });
}

/** The codings of a Content-Encoding header in the order in which they were applied. "identity" is none. */
export function parseContentCodings(header: string): string[] {
  return header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
}

/** The codings that can be decoded here, as a value of Accept-Encoding. */
export function acceptedCodings(allowUnsafeBrotli: boolean): string {
  return [...knownCodings.keys()].filter((name) => name !== 'x-gzip' && isAllowed(name, allowUnsafeBrotli)).join(', ');
}

/** What decodes these codings, one after the other. 415, `encoding.unsupported`, when one of them cannot be decoded. */
export function decodersOf(codings: readonly string[], allowUnsafeBrotli: boolean): Coding[] {
  const found = codings.map((name) => (isAllowed(name, allowUnsafeBrotli) ? knownCodings.get(name) : undefined));
  if (codings.length > codingsAtMost || found.includes(undefined)) {
    throw encodingUnsupported(codings.join(', '), acceptedCodings(allowUnsafeBrotli), codingsAtMost);
  }
  // Applied first, decoded last.
  return (found as Coding[]).reverse();
}

function isAllowed(name: string, allowUnsafeBrotli: boolean): boolean {
  return name !== 'br' || allowUnsafeBrotli || isBrotliSound(process.versions);
}

/**
 * RFC 1950 §2.2: the low half of the first byte is 8, and the first two are a multiple of 31. RFC 9110 §8.4.1.2 asks for
 * this header, some clients leave it out. A bare deflate stream that looked like it would have to start with a stored
 * block whose unused bits are not 0.
 */
function hasZlibHeader(start: Buffer): boolean {
  const [first = 8, second = (31 - ((first << 8) % 31)) % 31] = start;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}
