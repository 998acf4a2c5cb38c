import type { IncomingMessage } from 'node:http';
import { finished, type Readable } from 'node:stream';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { calledBack, whenRejected } from './called-back';
import { noStorage } from './errors';
import type { FileStorage, IncomingFile, StorageEngine } from './storage';
import type { UploadedFile } from './uploaded-file';

/** A storage engine written for multer. */
export class EngineStorage implements FileStorage {
  readonly keeping = 'by the engine';
  readonly #engine: StorageEngine;

  /** `TypeError` for what is no storage engine. */
  constructor(engine: StorageEngine) {
    if (typeof engine?._handleFile !== 'function' || typeof engine._removeFile !== 'function') {
      throw noStorage();
    }
    this.#engine = engine;
  }

  store(request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    const stream = reader.asStream();
    // Writable, because an engine may give it another value.
    Object.defineProperty(file, 'stream', { value: stream, configurable: true, enumerable: false, writable: true });
    return new Promise((resolve, reject) => {
      let hasFailed = false;
      let isStored = false;
      const removeIfBoth = () => {
        // Nobody else will remove what was stored before or after a failure.
        if (hasFailed && isStored) this.remove(request, file).catch(() => {});
      };
      const fail = (error: unknown) => {
        hasFailed = true;
        reject(error);
        removeIfBoth();
      };
      // Not every engine listens for it. It stays on: a stream may fail after its engine has called back.
      stream.on('error', fail);
      const result: unknown = this.#engine._handleFile(request, file as IncomingFile, (error, info) => {
        if (isStored) return;
        if (error) {
          fail(error);
          return;
        }
        Object.assign(file, info);
        isStored = true;
        removeIfBoth();
        if (isBeingRead(stream)) finished(stream, () => resolve());
        else resolve();
      });
      whenRejected(result, fail);
    });
  }

  async remove(request: IncomingMessage, file: UploadedFile): Promise<void> {
    await calledBack((callback) => this.#engine._removeFile(request, file as IncomingFile, callback));
  }
}

/** Some engines call back at once and read on. */
function isBeingRead({ readableFlowing, readableEnded, destroyed }: Readable): boolean {
  return readableFlowing !== null && !readableEnded && !destroyed;
}
