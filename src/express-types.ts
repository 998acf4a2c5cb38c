import type { RequestMembers } from './http/request-members';
import type { ResponseMembers } from './http/response-members';
import type { IncomingFile } from './middleware/form/storage';

declare global {
  namespace Express {
    // What `body` holds Express's own types say: it may be a parsed value.
    interface Request extends Omit<RequestMembers, 'body'> {
      /** The decoded bytes that a parser with `rawBody: true` kept. */
      rawBody?: Buffer;
      // To the letter as @types/multer says it, so that both may be there and handlers keep their types.
      file?: Multer.File | undefined;
      files?: { [fieldname: string]: Multer.File[] } | Multer.File[] | undefined;
    }

    namespace Multer {
      interface File extends IncomingFile {}
    }

    interface Response extends ResponseMembers {}
  }
}
