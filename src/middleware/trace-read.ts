import { AsyncResource } from 'node:async_hooks';
import { publishEnd, ReadMessage, readChannel } from '../http/body-channels';
import { receivedBytesOf } from '../http/body-reader';
import type { Exchange } from './handler';

/**
 * Reads a body by `read`, which calls `next` when it is done, with somebody listening.
 *
 * Stores that were bound to the channel are there while it reads, and not for what comes after the middleware.
 */
export function traceRead(
  { request, response, next }: Exchange,
  middleware: string,
  read: (exchange: Exchange) => void,
): void {
  const message = new ReadMessage(request, middleware);
  // Not AsyncResource.bind(), which takes 16 µs on Node 20.
  const outside = new AsyncResource('pipebody.read');
  let hasReturned = false;
  const returned = () => {
    if (!hasReturned) readChannel.end.publish(message);
    hasReturned = true;
  };
  const done = (error?: unknown) => {
    returned();
    message.bytes = receivedBytesOf(request);
    publishEnd(readChannel, message, error);
    outside.runInAsyncScope(next, undefined, error);
  };
  readChannel.start.runStores(message, () => read({ request, response, next: done }));
  returned();
}
