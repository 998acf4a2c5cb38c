import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { calledBack } from './called-back';
import { noPath } from './errors';
import { writeNewFile } from './file-writer';
import type { FileStorage, IncomingFile } from './storage';
import { Upload } from './upload';
import type { UploadedFile } from './uploaded-file';

/** Asks the application for a folder or a name, as multer does. A method's type, so that it may ask for Express's Request. */
export type PathChoice = {
  choose(request: IncomingMessage, file: IncomingFile, callback: (error: unknown, choice?: string) => void): void;
}['choose'];

/** Options of {@link diskStorage}, as multer's. */
export interface DiskStorageOptions {
  /** The folder, which is made when it is given as text; default the system's for temporary files. */
  destination?: string | PathChoice;
  /** The name within it; default a random one. A name that is there already is an error. */
  filename?: PathChoice;
}

/** Keeps files in a folder. */
export class DiskStorage implements FileStorage {
  /** For form(). */
  readonly keeping = 'when the request succeeds';
  readonly #destination: PathChoice;
  readonly #filename: PathChoice;

  constructor({ destination = tmpdir(), filename = randomName }: DiskStorageOptions) {
    if (typeof destination === 'string') mkdirSync(destination, { recursive: true });
    this.#destination =
      typeof destination === 'string' ? (_request, _file, callback) => callback(null, destination) : destination;
    this.#filename = filename;
  }

  /** For form(): writes the file where the choices say. */
  async store(request: IncomingMessage, file: UploadedFile, reader: PipeReader): Promise<void> {
    const destination = await ask(this.#destination, request, file);
    const filename = await ask(this.#filename, request, file);
    const path = join(destination, filename);
    await writeNewFile(path, reader);
    Object.assign(file, { destination, filename, path });
  }

  /** For form(): removes the file that was written. */
  async remove(_request: IncomingMessage, { path }: UploadedFile): Promise<void> {
    if (path !== undefined) await rm(path, { force: true });
  }
}

/** Storage for {@link form} that keeps files in a folder, as multer's. */
export function diskStorage(options: DiskStorageOptions = {}): DiskStorage {
  return new DiskStorage(options);
}

function randomName(_request: unknown, _file: unknown, callback: (error: unknown, name: string) => void): void {
  callback(null, randomBytes(16).toString('hex'));
}

async function ask(choice: PathChoice, request: IncomingMessage, file: UploadedFile): Promise<string> {
  const answer = calledBack<string>((callback) => choice(request, file as IncomingFile, callback));
  const chosen = await Upload.of(request).whileClientStays(answer);
  if (typeof chosen === 'string') return chosen;
  throw noPath();
}
