import type { IncomingMessage } from 'node:http';
import { readBytes } from '../../formats/read-bytes';
import type { PipeReader } from '../../pipelines/pipe-reader';
import type { FileStorage } from './storage';
import type { UploadedFile } from './uploaded-file';

/** Keeps files in memory, in `file.buffer`. What bounds it are form()'s limits. */
export class MemoryStorage implements FileStorage {
  /** For form(). */
  readonly keeping = 'by the engine';

  /** For form(): reads the file into its `buffer`. */
  async store(_request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    file.buffer = await readBytes(reader, { limit: Number.MAX_SAFE_INTEGER });
  }

  /** For form(): forgets the bytes. */
  async remove(_request: IncomingMessage, file: UploadedFile): Promise<void> {
    delete file.buffer;
  }
}

/** Storage for {@link form} that keeps files in memory, as multer's. */
export function memoryStorage(): MemoryStorage {
  return new MemoryStorage();
}
