import type { ServerResponse } from 'node:http';

/** Settles when a response was handed to the system, or when the client is gone. */
export function whenOver(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => response.once('finish', resolve).once('close', resolve));
}
