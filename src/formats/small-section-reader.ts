import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import { sectionPassed } from './multipart-errors';
import type { SmallSection } from './small-section';

/** A reader over the content of a section that was taken from the body's reader as a whole. */
export class SmallSectionReader extends BufferedPipeReader {
  /** Undefined once somebody read it. */
  #section: SmallSection | 'passed' | undefined;

  constructor(section: SmallSection) {
    super();
    this.#section = section;
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    this.#deliverContent();
    return super.read(options);
  }

  override readAtLeast(minimumLength: number, options?: WaitOptions): Promise<ReadResult> {
    this.#deliverContent();
    return super.readAtLeast(minimumLength, options);
  }

  override tryRead(): ReadResult | undefined {
    this.#deliverContent();
    return super.tryRead();
  }

  /** The section is over: whoever begins to read it is told. */
  pass(): void {
    if (this.#section !== undefined) this.#section = 'passed';
  }

  protected override whenWaiting(): void {}

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
  }

  protected override whenCompleted(): Promise<void> {
    this.#section = undefined;
    this.unread.clear();
    return Promise.resolve();
  }

  #deliverContent(): void {
    const section = this.#section;
    if (section === undefined) return;
    this.#section = undefined;
    if (section === 'passed') {
      this.deliverEnd(sectionPassed());
      return;
    }
    this.deliver(section.memory.subarray(section.start, section.end));
    this.deliverEnd();
  }
}
