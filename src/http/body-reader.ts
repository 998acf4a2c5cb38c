import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../pipelines/pipe-reader';
import { readChannel } from './body-channels';
import { ForeignRequestReader } from './foreign-request-reader';
import { hasMembers } from './has-members';
import { bodyWithin, type PipeRequest } from './request-members';

/** The readers that were made for requests without members while somebody listened. */
const watchedReaders = new WeakMap<IncomingMessage, ForeignRequestReader>();

/** What middleware reads a request to its end by: its `bodyReader`, or a reader made for it where no `pipeBody()` came before. */
export function bodyReaderOf(request: IncomingMessage): PipeReader {
  if (hasMembers(request)) {
    const { bodyReader } = request as PipeRequest;
    bodyWithin(request).route.claim();
    return bodyReader;
  }
  const reader = new ForeignRequestReader(request);
  if (readChannel.hasSubscribers) watchedReaders.set(request, reader);
  return reader;
}

/** How many bytes of a body have come over the wire, as those who listen are told; 0 where nobody read it. */
export function receivedBytesOf(request: IncomingMessage): number {
  if (hasMembers(request)) return bodyWithin(request).route.received.receivedBytes;
  return watchedReaders.get(request)?.receivedBytes ?? 0;
}

/** After a failure: what is left of the body must keep neither the connection nor the answer. */
export function abandonBody(request: IncomingMessage, reader?: PipeReader): void {
  if (reader instanceof ForeignRequestReader) reader.abandon();
  else if (hasMembers(request)) bodyWithin(request).route.giveUp();
}
