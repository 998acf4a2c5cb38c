import type { PipeReader } from '../pipelines/pipe-reader';

/** What a route needs of the body that it brings the bytes to. */
export interface RouteOwner {
  /** The reader that everybody reads through, with what was put back into it. */
  readerForRequest(): PipeReader;
  /** The end has arrived, or the answer behind it. */
  routeEnded(): void;
}
