import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';

/** A reader over bytes that are all there. */
export class BytesPipeReader extends BufferedPipeReader {
  constructor(segments: Iterable<Buffer>) {
    super();
    for (const segment of segments) this.deliver(segment);
    this.deliverEnd();
  }

  protected override whenWaiting(): void {}

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
  }

  protected override whenCompleted(): Promise<void> {
    this.unread.clear();
    return Promise.resolve();
  }
}
