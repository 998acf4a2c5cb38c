import { isUint8Array } from 'node:util/types';
import { chunkIsNotBytes } from './errors';

/** A chunk as Node or the web gave it, as a `Buffer` over the same memory. Text is encoded. */
export function toBytes(chunk: unknown, encoding?: BufferEncoding | null): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding ?? 'utf8');
  if (isUint8Array(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw chunkIsNotBytes(chunk);
}
