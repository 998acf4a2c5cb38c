import type { IncomingMessage } from 'node:http';
import type { PipeReader } from '../../pipelines/pipe-reader';
import type { UploadedFile } from './uploaded-file';

/** A file as storage engines and filters take it: typed as multer's, which says of no property that it may be absent. */
export type IncomingFile = UploadedFile & Required<Pick<UploadedFile, 'buffer' | 'path' | 'destination' | 'filename'>>;

/** A storage engine as multer's. It reads `file.stream` and calls back with what is to be added to the file. */
export interface StorageEngine {
  /** Stores `file.stream`. */
  _handleFile(
    request: IncomingMessage,
    file: IncomingFile,
    callback: (error?: unknown, info?: Partial<UploadedFile>) => void,
  ): void;
  /** Removes what was stored, when the request fails. */
  _removeFile(request: IncomingMessage, file: IncomingFile, callback: (error: unknown) => void): void;
}

/** How long a stored file stays: until the response is done, also when it succeeded; or unless the request fails. */
export type Keeping = 'until the response' | 'when the request succeeds' | 'by the engine';

/** Where form() puts files. */
export interface FileStorage {
  /** How long a file that it stored stays. */
  readonly keeping: Keeping;
  /** Reads all of the file and adds what there is to say of it. What it stored of one that fails, it removes. */
  store(request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void>;
  /** Removes a stored file. */
  remove(request: IncomingMessage, file: UploadedFile): Promise<void>;
}
