import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { PipeReader } from '../../pipelines/pipe-reader';
import { ownerOnly } from '../../streams/temp-files';

const asNew = { mode: ownerOnly, flag: 'wx' };

/** A file of a form, with multer's property names. What the client says of it is not checked, its bytes neither. */
export class UploadedFile {
  /** The name of the field. */
  fieldname: string;
  /** The client's name of the file, without its path. Never to be used as a path. */
  originalname: string;
  /** The content transfer encoding that the client names. */
  encoding: string;
  /** The media type that the client names. */
  mimetype: string;
  /** Bytes. */
  declare size: number;
  /** The hexadecimal SHA-256 of the bytes, where `sha256` was asked for. */
  declare sha256?: string;
  /** The bytes, where they are in memory. */
  declare buffer?: Buffer;
  /** Where the file lies, where it does. */
  declare path?: string;
  /** The folder of diskStorage(). */
  declare destination?: string;
  /** The name in it. */
  declare filename?: string;
  /** The bytes as they arrive, for a storage engine. */
  declare stream: Readable;
  /** Whether somebody else owns the file from now on. */
  #isMoved = false;

  constructor(fieldname: string, originalname: string, encoding: string, mimetype: string) {
    this.fieldname = fieldname;
    this.originalname = originalname;
    this.encoding = encoding;
    this.mimetype = mimetype;
  }

  /** @internal */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  /** The bytes as a stream of their own, from the start. */
  openReadStream(): Readable {
    if (this.buffer !== undefined) return Readable.from([this.buffer], { objectMode: false });
    return createReadStream(this.path as string);
  }

  /** The bytes as a pipe of their own, from the start. */
  bodyReader(): PipeReader {
    return PipeReader.from(this.buffer ?? this.openReadStream());
  }

  /** Puts the file at a path, in place of what is there; from then on it is the caller's. */
  async moveTo(path: string): Promise<void> {
    if (this.path === undefined) await putInPlace(path, (there) => writeFile(there, this.buffer as Buffer, asNew));
    else await moveFile(this.path, path);
    this.path = path;
    this.#isMoved = true;
  }
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EXDEV') throw error;
    await putInPlace(to, (there) => copyFile(from, there, constants.COPYFILE_EXCL));
    // The end of the response may have removed it meanwhile.
    await rm(from, { force: true });
  }
}

/** Beside it until it is whole: a full disk leaves no part of it, and what was there stays. */
async function putInPlace(path: string, write: (there: string) => Promise<void>): Promise<void> {
  const unfinished = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await write(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
