import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { ownerOnly } from '../../streams/temp-files';
import { storageFull } from './errors';

/** Bytes that are written at once: fewer cost more calls, more are no longer in the processor's caches. 128 KiB. */
const bytesOfWrite = 131_072;
/** Bytes of all files together from which on nobody collects: a thousand uploads at once must not need as much each. */
const crowdedBytes = 16_777_216;

/** Bytes of all files that were taken from their readers and are not written yet. */
let unwrittenBytes = 0;

/** Writes the bytes of a reader to a new file, which only its owner may read. Nothing is left of it when that fails. */
export async function writeNewFile(path: string, reader: PipeReader): Promise<void> {
  const handle = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, ownerOnly);
  const writes = new Writes(handle);
  try {
    await writeRest(reader, writes);
    await writes.settled();
    await handle.close();
  } catch (error) {
    writes.drop();
    await writes.settled().catch(() => {});
    await handle.close().catch(() => {});
    await rm(path, { force: true });
    throw isFull(error) ? storageFull(error) : error;
  }
}

async function writeRest(reader: PipeReader, writes: Writes): Promise<void> {
  for (;;) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
    writes.collect(buffer.chunks(), buffer.length);
    reader.advanceTo(buffer.end);
    const isCrowded = unwrittenBytes >= crowdedBytes;
    if (isCompleted || isCrowded || writes.length >= bytesOfWrite) await writes.start();
    if (isCompleted) return;
    if (isCrowded) await writes.settled();
  }
}

/** One write after the other; while one is under way, what comes is collected for the next. */
class Writes {
  readonly #handle: FileHandle;
  #chunks: Buffer[] = [];
  #current: Promise<void> = Promise.resolve();
  /** Bytes collected and not written. */
  length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  collect(chunks: Iterable<Buffer>, length: number): void {
    this.#chunks.push(...chunks);
    this.length += length;
    unwrittenBytes += length;
  }

  /** Settles when the write before this one has. */
  async start(): Promise<void> {
    await this.#current;
    const { length } = this;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.length = 0;
    if (chunks.length === 0) return;
    this.#current = writeAll(this.#handle, chunks, length).finally(() => {
      unwrittenBytes -= length;
    });
    // Its failure is told by the next write, or by settled().
    this.#current.catch(() => {});
  }

  settled(): Promise<void> {
    return this.#current;
  }

  /** Gives up what is collected. */
  drop(): void {
    unwrittenBytes -= this.length;
    this.#chunks = [];
    this.length = 0;
  }
}

async function writeAll(handle: FileHandle, chunks: readonly Buffer[], byteCount: number): Promise<void> {
  const { bytesWritten } = await handle.writev(chunks as Buffer[]);
  // A disk that is nearly full takes a part; to write the rest says why.
  if (bytesWritten < byteCount) await handle.appendFile(Buffer.concat(chunks).subarray(bytesWritten));
}

function isFull(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
