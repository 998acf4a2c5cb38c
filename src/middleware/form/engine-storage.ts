import type { IncomingMessage } from 'node:http';
import { finished, type Readable } from 'node:stream';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { calledBack, whenRejected } from './called-back';
import { noStorage } from './errors';
import type { FileStorage, IncomingFile, StorageEngine } from './storage';
import { Upload } from './upload';
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

  async store(request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    const stream = reader.asStream();
    // Writable, because an engine may give it another value.
    Object.defineProperty(file, 'stream', { value: stream, configurable: true, enumerable: false, writable: true });
    const storing = new Storing(() => void this.remove(request, file).catch(() => {}));
    // Not every engine listens for it. It stays on: a stream may fail after its engine has called back.
    stream.on('error', storing.fail);
    try {
      const result: unknown = this.#engine._handleFile(request, file as IncomingFile, (error, info) => {
        if (error) storing.fail(error);
        else storing.succeed(() => Object.assign(file, info), stream);
      });
      whenRejected(result, storing.fail);
      await Upload.of(request).whileClientStays(storing.end);
    } catch (error) {
      // An engine that waits for something else than bytes learns it by the next that it asks for.
      stream.destroy(error as Error);
      storing.fail(error);
      throw error;
    }
  }

  async remove(request: IncomingMessage, file: UploadedFile): Promise<void> {
    const answer = calledBack((callback) => this.#engine._removeFile(request, file as IncomingFile, callback));
    await Upload.of(request).whileClientStays(answer);
  }
}

/** What becomes of a file in the hands of an engine, which may call back, fail, or do both, at any time. */
class Storing {
  readonly end: Promise<void>;
  readonly #removeStored: () => void;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #isStored = false;
  #hasFailed = false;

  constructor(removeStored: () => void) {
    this.#removeStored = removeStored;
    this.end = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits gets it; an engine that throws at once has nobody wait.
    this.end.catch(() => {});
  }

  readonly fail = (error: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#reject(error);
    this.#removeIfBoth();
  };

  /** The engine has called back. What it says of the file is taken only the first time. */
  succeed(take: () => void, stream: Readable): void {
    if (this.#isStored) return;
    take();
    this.#isStored = true;
    this.#removeIfBoth();
    if (isBeingRead(stream)) finished(stream, () => this.#resolve());
    else this.#resolve();
  }

  /** Nobody else will remove what was stored before or after a failure. */
  #removeIfBoth(): void {
    if (this.#hasFailed && this.#isStored) this.#removeStored();
  }
}

/** Some engines call back at once and read on. */
function isBeingRead({ readableFlowing, readableEnded, destroyed }: Readable): boolean {
  return readableFlowing !== null && !readableEnded && !destroyed;
}
