import type { Writable } from 'node:stream';
import type { PipeReader } from './pipelines/pipe-reader';
import type { PipeWriter } from './pipelines/pipe-writer';

declare global {
  namespace Express {
    interface Request {
      /** The current body as a pipe; the same object until the body is swapped. */
      bodyReader: PipeReader;
    }

    interface Response {
      /** The current body as a `Writable` that is not the response itself. Assigning a stream swaps the body. */
      body: Writable;
      /** The current body as a pipe; the same object until the body is swapped. */
      bodyWriter: PipeWriter;
    }
  }
}
