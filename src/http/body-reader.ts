import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../pipelines/pipe-reader';
import { ForeignRequestReader } from './foreign-request-reader';
import { hasMembers } from './has-members';
import { bodyWithin, type PipeRequest } from './request-members';

/** What middleware reads a request by: its `bodyReader`, or a reader made for it where no `pipeBody()` came before. */
export function bodyReaderOf(request: IncomingMessage): PipeReader {
  return hasMembers(request) ? (request as PipeRequest).bodyReader : new ForeignRequestReader(request);
}

/** After a failure: what is left of the body must keep neither the connection nor the answer. */
export function abandonBody(request: IncomingMessage, reader?: PipeReader): void {
  if (reader instanceof ForeignRequestReader) reader.abandon();
  else if (hasMembers(request)) bodyWithin(request).route.giveUp();
}
