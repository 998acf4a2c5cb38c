import type { ReadOnlySequence } from '../../buffers/read-only-sequence';
import { AbortError } from '../../pipelines/abort-error';
import { BufferedPipeReader, cancelWaitingRead } from '../../pipelines/buffered-pipe-reader';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { pauseThreshold, resumeThreshold } from '../../pipelines/read-ahead';
import { bodyCutOff, decodeFailed, entityTooLarge, ratioTooHigh, trailingBytes } from '../errors';
import type { Coding, Decoder } from './content-codings';
import type { ZstdFrames } from './zstd-frames';

/** What bounds the decoding. */
export interface DecodingLimits {
  /** Decoded bytes at most. */
  readonly limit: number;
  /** Decoded bytes at most for each encoded one. */
  readonly maxRatio: number;
  /** Whether what comes out is encoded too, by the coding that was applied before. */
  readonly isEncoded: boolean;
}

/** Encoded bytes that may come beyond the limit of the decoded ones: headers, and blocks that grew by being encoded. */
const encodedAllowance = 65_536;
/** Decoded bytes that any ratio is fine for: few enough to do no harm, and a page of blanks is no attack. */
const ratioFreeBytes = 8_388_608;
/** What a decoder is chosen by. */
const startLength = 2;

/**
 * A reader over the decoded bytes of a reader.
 *
 * It decodes while somebody reads: one chunk of 16 KiB beyond the limit at most. The decoder is destroyed at the end, at
 * the first failure and by `complete()`, which leaves the reader of the encoded bytes open. What is not decoded because
 * of a limit is a 413; what is cut off, corrupt or followed by other bytes is a 400, `entity.decode.failed`.
 */
export class DecodedPipeReader extends BufferedPipeReader {
  readonly #encoded: PipeReader;
  readonly #coding: Coding;
  readonly #frames: ZstdFrames | undefined;
  readonly #limits: DecodingLimits;
  #decoder: Decoder | undefined;
  #isFeeding = false;
  #isReadingEncoded = false;
  #encodedBytes = 0;
  #decodedBytes = 0;
  /** Settles the wait for the decoder to take what was written, also when it never will. */
  #whenTaken: (() => void) | undefined;

  constructor(encoded: PipeReader, coding: Coding, limits: DecodingLimits) {
    super();
    this.#encoded = encoded;
    this.#coding = coding;
    this.#frames = coding.createFrames?.();
    this.#limits = limits;
  }

  /** Told once that the decoding is over: at the end, at a failure, or because nobody reads any more. */
  whenStopped: (() => void) | undefined;

  /** Bytes that came, before all of the codings. */
  get encodedBytes(): number {
    return this.#encoded instanceof DecodedPipeReader ? this.#encoded.encodedBytes : this.#encodedBytes;
  }

  get decodedBytes(): number {
    return this.#decodedBytes;
  }

  /** Also called from outside, when the client goes away. */
  override deliverEnd(error?: unknown): void {
    super.deliverEnd(error);
    this.#stop();
  }

  protected override whenWaiting(): void {
    if (!this.#isFeeding && !this.#isOver) void this.#feed();
    this.#decoder?.resume();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
    if (!this.isHeldBack && this.unread.unexaminedLength < resumeThreshold) this.#decoder?.resume();
  }

  protected override whenCompleted(): Promise<void> {
    this.unread.clear();
    this.#stop();
    return Promise.resolve();
  }

  get #isOver(): boolean {
    return this.sourceCompletion.isCompleted || this.completion.isCompleted;
  }

  /** Brings the encoded bytes to the decoder, at its pace. */
  async #feed(): Promise<void> {
    this.#isFeeding = true;
    try {
      while (!this.#isOver && !this.#decoder?.writableEnded) await this.#feedOnce();
    } catch (error) {
      this.deliverEnd(error);
    } finally {
      this.#isFeeding = false;
    }
  }

  async #feedOnce(): Promise<void> {
    const { buffer, isCompleted, isCanceled } = await this.#readEncoded();
    if (isCanceled) throw new AbortError(undefined, 'The read of the encoded bytes was cancelled.');
    // What came when nobody wanted it any more is left to whoever reads next.
    if (this.#isOver) {
      this.#encoded.advanceTo(buffer.start);
      return;
    }
    try {
      await this.#decode(buffer);
    } finally {
      this.#encoded.advanceTo(buffer.end);
    }
    if (isCompleted && !this.#isOver) this.#end();
  }

  #end(): void {
    if (this.#frames?.isWhole === false) throw bodyCutOff();
    this.#decoder?.end();
  }

  async #readEncoded() {
    this.#isReadingEncoded = true;
    try {
      if (this.#decoder === undefined) return await this.#encoded.readAtLeast(startLength);
      return this.#encoded.tryRead() ?? (await this.#encoded.read());
    } finally {
      this.#isReadingEncoded = false;
    }
  }

  /** In one piece: a client that sends its bytes one by one must not cost a turn of the thread pool for each. */
  async #decode(buffer: ReadOnlySequence): Promise<void> {
    const bytes = buffer.toBuffer();
    this.#decoder ??= this.#openDecoder(bytes);
    this.#encodedBytes += bytes.length;
    if (this.#encodedBytes > this.#limits.limit + encodedAllowance) {
      throw entityTooLarge(this.#limits.limit, this.#encodedBytes);
    }
    if (this.#frames === undefined) return this.#write(bytes);
    for (const piece of this.#frames.split(bytes)) if (!this.#isOver) await this.#write(piece);
  }

  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#whenTaken = resolve;
      this.#decoder?.write(bytes, () => resolve());
    });
  }

  #openDecoder(start: Buffer): Decoder {
    return this.#coding
      .createDecoder(start)
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('error', (error) => this.deliverEnd(decodeFailed(error)));
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver) return;
    this.#decodedBytes += chunk.length;
    const { limit, maxRatio, isEncoded } = this.#limits;
    if (this.#decodedBytes > limit + (isEncoded ? encodedAllowance : 0))
      this.deliverEnd(entityTooLarge(limit, this.#decodedBytes));
    else if (this.#decodedBytes > Math.max(ratioFreeBytes, maxRatio * this.#encodedBytes)) {
      this.deliverEnd(ratioTooHigh(maxRatio, this.#encodedBytes, this.#decodedBytes));
    } else this.#deliverDecoded(chunk);
  };

  #deliverDecoded(chunk: Buffer): void {
    this.deliver(chunk);
    if (this.isHeldBack || (!this.isWaiting && this.unread.unexaminedLength > pauseThreshold)) this.#decoder?.pause();
  }

  /** node:zlib ends quietly where the coding ends, whatever follows. */
  readonly #onEnd = (): void => {
    const surplus = this.#encodedBytes - (this.#decoder as Decoder).bytesWritten;
    this.deliverEnd(surplus > 0 ? trailingBytes() : undefined);
  };

  #stop(): void {
    this.#decoder?.destroy();
    this.#whenTaken?.();
    if (this.#encoded instanceof DecodedPipeReader) void this.#encoded.complete();
    else if (this.#isReadingEncoded) cancelWaitingRead(this.#encoded);
    this.whenStopped?.();
    this.whenStopped = undefined;
  }
}
