import type { ServerResponse } from 'node:http';
import { writeAfterEnd } from './errors';
import type { ResponseStart } from './response-start';
import type { WriteCallback } from './write-callback';

/**
 * A write after the end: as in Node the error goes to the callback and to 'error', and the response that was ended stays
 * good. After a start that failed the callback gets that error, and nobody else does.
 */
export function refuseWrite(response: ServerResponse, start: ResponseStart, callback?: WriteCallback): false {
  const error = start.hasFailed ? (start.error as Error) : writeAfterEnd();
  process.nextTick(() => {
    callback?.(error);
    if (!start.hasFailed && response.listenerCount('error') > 0) response.emit('error', error);
  });
  return false;
}
