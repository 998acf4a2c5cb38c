import type { IncomingMessage } from 'node:http';

/**
 * Calls back when others who listen to the request itself were told of its last bytes and its end: what middleware collects
 * there is whole when the next one runs, as behind body-parser.
 */
export function afterListeners(request: IncomingMessage, callback: () => void): void {
  // A platform's plain object has no listeners.
  if (request.listenerCount?.('data') || request.listenerCount?.('readable')) setImmediate(callback);
  else callback();
}
