import { isUint8Array } from 'node:util/types';

/** Whether node:http takes it as a chunk. */
export function isChunk(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || isUint8Array(chunk);
}
