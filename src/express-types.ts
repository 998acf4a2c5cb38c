import type { RequestMembers } from './http/request-members';
import type { ResponseMembers } from './http/response-members';

declare global {
  namespace Express {
    // What `body` holds Express's own types say: it may be a parsed value.
    interface Request extends Omit<RequestMembers, 'body'> {
      /** The decoded bytes that a parser with `rawBody: true` kept. */
      rawBody?: Buffer;
    }

    interface Response extends ResponseMembers {}
  }
}
