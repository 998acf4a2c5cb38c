import type { IncomingMessage, ServerResponse } from 'node:http';
import compressible from 'compressible';
import { ndjsonTypes } from '../ndjson-types';

/** Whether a response has a Content-Type that gets shorter by compression, as mime-db says; NDJSON, too. */
export function isCompressible(_request: IncomingMessage, response: ServerResponse): boolean {
  const type = response.getHeader('Content-Type');
  return type !== undefined && (compressible(String(type)) === true || isNdjson(String(type)));
}

function isNdjson(type: string): boolean {
  return ndjsonTypes.includes((type.split(';', 1)[0] as string).trim().toLowerCase());
}
