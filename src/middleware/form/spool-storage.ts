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
    const pieces: Buffer[] = [];
    for (let length = 0; length <= this.#threshold; ) {
      const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
      length += buffer.length;
      if (!buffer.isEmpty) pieces.push(Buffer.from(buffer.toBuffer()));
      reader.advanceTo(buffer.end);
      if (!isCompleted || length > this.#threshold) continue;
      file.buffer = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
      return;
    }
    const path = newTempFile(this.#folder);
    await writeNewFile(path, pieces, reader);
    file.path = path;
  }

  async remove(_request: IncomingMessage, { path }: UploadedFile): Promise<void> {
    if (path !== undefined) await rm(path, { force: true });
  }
}
