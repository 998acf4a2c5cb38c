import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { tempFileCutOff } from './errors';
import { newTempFile, ownerOnly, sweepTempFiles } from './temp-files';

/** A file that only its owner can read, under a name that nobody can guess. Whoever makes it removes it. */
export class TempFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #length = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  static async create(folder = tmpdir()): Promise<TempFile> {
    sweepTempFiles(folder);
    const path = newTempFile(folder);
    return new TempFile(path, await open(path, 'wx+', ownerOnly));
  }

  get length(): number {
    return this.#length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, this.#length);
      written += bytesWritten;
      this.#length += bytesWritten;
    }
  }

  /** Up to `length` bytes from `position` on. */
  async read(position: number, length: number): Promise<Buffer> {
    const memory = Buffer.allocUnsafe(Math.min(length, this.#length - position));
    const { bytesRead } = await this.#handle.read(memory, 0, memory.length, position);
    if (bytesRead === 0 && memory.length > 0) throw tempFileCutOff(this.path);
    return memory.subarray(0, bytesRead);
  }

  async remove(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.path, { force: true });
  }
}
