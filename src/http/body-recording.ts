import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import { PulledPipeReader } from '../streams/pulled-pipe-reader';
import { TempFile } from '../streams/temp-file';
import { bodyDiscarded, bufferLimitExceeded } from './errors';

/** How a body is kept to be read again. */
export interface BufferingOptions {
  /** Bytes that are kept in memory; more go to a file. Default 30,720 (30 KiB), as EnableBuffering in ASP.NET Core. */
  thresholdBytes?: number;
  /** Bytes that are kept at most; more is a 413, `entity.too.large`. Default: no limit of its own. */
  limit?: number;
}

const defaultThreshold = 30_720;
/** Bytes that are read from the file at once. */
const fileChunkSize = 65_536;

/** Keeps what is read of a body, so that it can be read again from its first byte. */
export class BodyRecording {
  readonly #source: PipeReader;
  readonly #thresholdBytes: number;
  readonly #limit: number;
  #memory: Buffer[] = [];
  #memoryLength = 0;
  #file: TempFile | undefined;
  #isComplete = false;
  #isRemoved = false;
  /** The one read of the source that is under way, whoever asked for it. */
  #recording: Promise<void> | undefined;

  constructor(source: PipeReader, options: BufferingOptions = {}) {
    this.#source = source;
    this.#thresholdBytes = options.thresholdBytes ?? defaultThreshold;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    checkSize('thresholdBytes', this.#thresholdBytes, 0);
    if (options.limit !== undefined) checkSize('limit', options.limit, 0);
  }

  /** A reader from the first byte on. Completing it leaves the recording as it is. */
  reader(): PipeReader {
    let position = 0;
    return new PulledPipeReader({
      next: async () => {
        const value = await this.#read(position);
        position += value?.length ?? 0;
        return { done: value === undefined, value };
      },
      close: () => Promise.resolve(),
    });
  }

  /** Removes the file; nothing more is kept. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#memory = [];
    await this.#file?.remove();
  }

  get #length(): number {
    return this.#memoryLength + (this.#file?.length ?? 0);
  }

  /** Bytes from `position` on, recorded or new; undefined at the end. */
  async #read(position: number): Promise<Buffer | undefined> {
    if (this.#isRemoved) throw bodyDiscarded();
    while (position >= this.#length && !this.#isComplete) {
      // One that failed stays: what it has taken from the source is not recorded.
      this.#recording ??= this.#record().then(() => {
        this.#recording = undefined;
      });
      await this.#recording;
    }
    if (position >= this.#length) return undefined;
    return this.#file === undefined ? this.#readMemory(position) : this.#file.read(position, fileChunkSize);
  }

  #readMemory(position: number): Buffer | undefined {
    let start = 0;
    for (const chunk of this.#memory) {
      if (position < start + chunk.length) return chunk.subarray(position - start);
      start += chunk.length;
    }
    return undefined;
  }

  async #record(): Promise<void> {
    const { buffer, isCompleted } = await this.#source.read();
    const bytes = Buffer.from(buffer.toBuffer());
    this.#source.advanceTo(buffer.end);
    if (this.#length + bytes.length > this.#limit) throw bufferLimitExceeded(this.#limit, this.#length + bytes.length);
    if (this.#file === undefined && this.#memoryLength + bytes.length <= this.#thresholdBytes) {
      this.#memory.push(bytes);
      this.#memoryLength += bytes.length;
    } else await this.#recordToFile(bytes);
    this.#isComplete = isCompleted;
  }

  async #recordToFile(bytes: Buffer): Promise<void> {
    this.#file ??= await this.#moveToFile();
    await this.#file.append(bytes);
    // The request ended meanwhile.
    if (this.#isRemoved) await this.#file.remove();
  }

  async #moveToFile(): Promise<TempFile> {
    const file = await TempFile.create();
    try {
      await file.append(Buffer.concat(this.#memory));
    } catch (error) {
      await file.remove();
      throw error;
    }
    this.#memory = [];
    this.#memoryLength = 0;
    return file;
  }
}
