import type { IncomingMessage, ServerResponse } from 'node:http';
import compressible from 'compressible';

/** Whether a response has a Content-Type that gets shorter by compression, as mime-db says. */
export function isCompressible(_request: IncomingMessage, response: ServerResponse): boolean {
  const type = response.getHeader('Content-Type');
  return type !== undefined && compressible(String(type)) === true;
}
