import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { newTempFile, sweepTempFiles } from '../../streams/temp-files';
import { writeNewFile } from './file-writer';
import type { FileStorage } from './storage';
import type { UploadedFile } from './uploaded-file';

/** Keeps small files in memory and large ones in temporary files, until the response is done. */
export class SpoolStorage implements FileStorage {
  readonly keeping = 'until the response';
  readonly #threshold: number;
  readonly #folder: string;

  constructor(threshold: number, folder = tmpdir()) {
    this.#threshold = threshold;
    this.#folder = folder;
    sweepTempFiles(folder);
  }

  async store(_request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    for (;;) {
      const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
      if (buffer.length > this.#threshold) {
        reader.advanceTo(buffer.start);
        break;
      }
      if (isCompleted) {
        // A copy: a small file must not keep the chunk that it came in.
        file.buffer = Buffer.from(buffer.toBuffer());
        reader.advanceTo(buffer.end);
        return;
      }
      reader.advanceTo(buffer.start, buffer.end);
    }
    const path = newTempFile(this.#folder);
    await writeNewFile(path, reader);
    file.path = path;
  }

  async remove(_request: IncomingMessage, { path }: UploadedFile): Promise<void> {
    if (path !== undefined) await rm(path, { force: true });
  }
}
