import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../pipelines/pipe-reader';
import { ForeignRequestReader } from './foreign-request-reader';
import { hasMembers } from './hang-members';
import type { PipeRequest } from './request-members';

/** What middleware reads a request by: its `bodyReader`, or a reader made for it where no `pipeBody()` came before. */
export function bodyReaderOf(request: IncomingMessage): PipeReader {
  return hasMembers(request) ? (request as PipeRequest).bodyReader : new ForeignRequestReader(request);
}

/** After a failure: what is left of the body must not keep the connection. Requests with members see to it themselves. */
export function abandonBody(reader: PipeReader): void {
  if (reader instanceof ForeignRequestReader) reader.abandon();
}
