import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../pipelines/pipe-reader';
import { readChannel } from './body-channels';
import { ForeignRequestReader } from './foreign-request-reader';
import { hasMembers } from './has-members';
import { bodyWithin, type PipeRequest } from './request-members';

/** Where a request without members knows the reader that was made for it while somebody listened. */
const kWatchedReader = Symbol('pipebody.watchedReader');

type WatchedRequest = IncomingMessage & { [kWatchedReader]?: ForeignRequestReader };

/** What middleware reads a request to its end by: its `bodyReader`, or a reader made for it where no `pipeBody()` came before. */
export function bodyReaderOf(request: WatchedRequest): PipeReader {
  if (hasMembers(request)) {
    const { bodyReader } = request as PipeRequest;
    bodyWithin(request).route.claim();
    return bodyReader;
  }
  const reader = new ForeignRequestReader(request);
  if (readChannel.hasSubscribers) request[kWatchedReader] = reader;
  return reader;
}

/** How many bytes of a body have come over the wire, as those who listen are told; 0 where nobody read it. */
export function receivedBytesOf(request: WatchedRequest): number {
  if (hasMembers(request)) return bodyWithin(request).route.received.receivedBytes;
  return request[kWatchedReader]?.receivedBytes ?? 0;
}

/** After a failure: what is left of the body must keep neither the connection nor the answer. */
export function abandonBody(request: IncomingMessage, reader?: PipeReader): void {
  if (reader instanceof ForeignRequestReader) reader.abandon();
  else if (hasMembers(request)) bodyWithin(request).route.giveUp();
}
