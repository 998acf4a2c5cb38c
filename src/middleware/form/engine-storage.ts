import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../../pipelines/pipe-reader';
import type { FileStorage, StorageEngine } from './storage';
import type { UploadedFile } from './uploaded-file';

/** A storage engine written for multer. */
export class EngineStorage implements FileStorage {
  readonly keeping = 'by the engine';
  readonly #engine: StorageEngine;

  /** `TypeError` for what is no storage engine. */
  constructor(engine: StorageEngine) {
    if (typeof engine?._handleFile !== 'function' || typeof engine._removeFile !== 'function') {
      throw new TypeError('"storage" must have the methods _handleFile and _removeFile.');
    }
    this.#engine = engine;
  }

  store(request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    const stream = reader.asStream();
    Object.defineProperty(file, 'stream', { value: stream, configurable: true, enumerable: false });
    return new Promise((resolve, reject) => {
      let hasFailed = false;
      const fail = (error: unknown) => {
        hasFailed = true;
        reject(error);
      };
      // Not every engine listens for it. It stays on: a stream may fail after its engine has called back.
      stream.on('error', fail);
      this.#engine._handleFile(request, file, (error, info) => {
        if (error !== null && error !== undefined) fail(error);
        else {
          Object.assign(file, info);
          // Too late: nobody else will remove what was stored after all.
          if (hasFailed) this.remove(request, file).catch(() => {});
          else resolve();
        }
      });
    });
  }

  remove(request: IncomingMessage, file: UploadedFile): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#engine._removeFile(request, file, (error) => (error ? reject(error) : resolve()));
    });
  }
}
