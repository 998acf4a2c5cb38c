import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeText } from '../../formats/charset';
import { LimitedPipeReader } from '../../formats/limited-pipe-reader';
import { MultipartReader } from '../../formats/multipart-reader';
import type { MultipartSection } from '../../formats/multipart-section';
import { appendField, type FormFields } from '../../formats/nested-fields';
import { readBytes } from '../../formats/read-bytes';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { calledBack } from './called-back';
import { type ErrorPlace, limitExceeded, nameMissing } from './errors';
import { exposedName } from './exposed-name';
import { fieldCharset, knownCharset } from './field-charset';
import type { FileCollection } from './file-policy';
import type { EveryLimit, FormSettings } from './form-options';
import { mediaTypeOf } from './media-type';
import { ObservedReader } from './observed-reader';
import type { IncomingFile } from './storage';
import { Upload } from './upload';
import { UploadedFile } from './uploaded-file';

/** Reads a multipart form: fields into `fields`, files into the storage, one part after the other. */
export class MultipartForm {
  readonly #request: IncomingMessage;
  readonly #settings: FormSettings;
  readonly #limits: EveryLimit;
  readonly #fields: FormFields;
  readonly #files: FileCollection;
  #charset = 'utf-8';
  #partCount = 0;
  #fieldCount = 0;
  #fileCount = 0;

  constructor(
    request: IncomingMessage,
    settings: FormSettings,
    limits: EveryLimit,
    fields: FormFields,
    files: FileCollection,
  ) {
    this.#request = request;
    this.#settings = settings;
    this.#limits = limits;
    this.#fields = fields;
    this.#files = files;
  }

  async read(reader: PipeReader, boundary: string): Promise<void> {
    const { totalSize, headerPairs } = this.#limits;
    const sections = new MultipartReader(Upload.of(this.#request).readThrough(reader), boundary, {
      limit: totalSize,
      headersCountLimit: headerPairs,
      sectionCountLimit: Number.POSITIVE_INFINITY,
      bodyLengthLimit: Number.POSITIVE_INFINITY,
    });
    for (;;) {
      const section = sections.tryReadNextSection() ?? (await sections.readNextSection());
      if (section === undefined) return;
      // A promise for each of a thousand fields takes as long as reading them.
      const stored = this.#readSection(section);
      if (stored !== undefined) await stored;
    }
  }

  /** Undefined for what was there as a whole. */
  #readSection(section: MultipartSection): Promise<void> | undefined {
    const { parts, fieldNameSize } = this.#limits;
    this.#partCount += 1;
    if (this.#partCount > parts) throw limitExceeded('LIMIT_PART_COUNT', parts);
    if (!section.isFormData) return undefined;
    const { name, filename } = section;
    if (name === undefined || name === '') throw nameMissing();
    if (Buffer.byteLength(name) > fieldNameSize) throw limitExceeded('LIMIT_FIELD_KEY', fieldNameSize);
    if (filename === undefined) return this.#readField(section, name);
    return filename === '' ? this.#readNameless(section, name) : this.#readFile(section, name, filename);
  }

  /** A file input in which nothing was chosen is sent so, without a content. What has one must not get lost. */
  async #readNameless(section: MultipartSection, name: string): Promise<void> {
    const { buffer } = await section.bodyReader.readAtLeast(1);
    section.bodyReader.advanceTo(buffer.start);
    if (buffer.isEmpty) return;
    // As busboy and ASP.NET.
    const isText = mediaTypeOf(section.headers['content-type']) === 'text/plain';
    await (isText ? this.#readField(section, name) : this.#readFile(section, name, ''));
  }

  #readField(section: MultipartSection, name: string): Promise<void> | undefined {
    const { fields, fieldSize } = this.#limits;
    this.#fieldCount += 1;
    if (this.#fieldCount > fields) throw limitExceeded('LIMIT_FIELD_COUNT', fields);
    const { bodyReader } = section;
    const result = bodyReader.tryRead();
    if (result?.isCompleted && result.buffer.length <= fieldSize) {
      // Not answered: the section, and with it what is left of it, is over.
      this.#addField(section, name, result.buffer.toBuffer());
      return undefined;
    }
    if (result !== undefined) bodyReader.advanceTo(result.buffer.start);
    const limit = Math.min(fieldSize, Number.MAX_SAFE_INTEGER);
    return readBytes(bodyReader, { limit }).then(
      (bytes) => this.#addField(section, name, bytes),
      this.#tooLarge('LIMIT_FIELD_VALUE', fieldSize, { field: name }),
    );
  }

  #addField({ headers }: MultipartSection, name: string, bytes: Buffer): void {
    const { fieldNestingDepth, fieldArrayIndexLimit } = this.#limits;
    const value = decodeText(bytes, fieldCharset(headers['content-type'], this.#charset));
    if (name === '_charset_') this.#charset = knownCharset(value);
    appendField(this.#fields, name, value, { depth: fieldNestingDepth, index: fieldArrayIndexLimit });
  }

  async #readFile({ headers, bodyReader }: MultipartSection, name: string, filename: string): Promise<void> {
    const { files, fileSize } = this.#limits;
    const file = new UploadedFile(
      name,
      exposedName(filename, this.#settings.preservePath),
      headers['content-transfer-encoding']?.toLowerCase() ?? '7bit',
      mediaTypeOf(headers['content-type']),
    );
    const place = { field: name, filename: file.originalname };
    this.#fileCount += 1;
    if (this.#fileCount > files) throw limitExceeded('LIMIT_FILE_COUNT', files, place);
    this.#files.expect(file);
    if (!(await this.#isAccepted(file))) return;
    const limited = new LimitedPipeReader(bodyReader, fileSize);
    await this.#store(file, limited).catch(this.#tooLarge('LIMIT_FILE_SIZE', fileSize, place));
    this.#files.add(file);
  }

  #isAccepted(file: UploadedFile): Promise<boolean> | boolean {
    const { fileFilter } = this.#settings;
    if (fileFilter === undefined) return true;
    const request = this.#request;
    const answer = calledBack<boolean>((callback) => fileFilter(request, file as IncomingFile, callback));
    return Upload.of(request).whileClientStays(answer).then(Boolean);
  }

  async #store(file: UploadedFile, reader: PipeReader): Promise<void> {
    const { storage, sha256 } = this.#settings;
    const hash = sha256 ? createHash('sha256') : undefined;
    let size = 0;
    const observed = new ObservedReader(reader, (bytes) => {
      size += bytes.length;
      if (hash !== undefined) for (const segment of bytes) hash.update(segment);
    });
    try {
      await storage.store(this.#request, file, observed);
    } catch (error) {
      // An engine of multer's kind leaves what it has written so far.
      if (file.path !== undefined) await storage.remove(this.#request, file).catch(() => {});
      throw error;
    }
    // An engine that stores something else than what came says how long that is.
    file.size ??= size;
    if (hash !== undefined) file.sha256 = hash.digest('hex');
  }

  /** Makes a 413 of one part multer's. */
  #tooLarge(code: 'LIMIT_FIELD_VALUE' | 'LIMIT_FILE_SIZE', limit: number, place: ErrorPlace) {
    return (error: unknown): never => {
      const { type, limit: exceeded } = error as { type?: string; limit?: number };
      // The whole body has an error of its own; of two equal limits it is the one that is passed first.
      const isOfPart = type === 'entity.too.large' && exceeded === limit && limit !== this.#limits.totalSize;
      throw isOfPart ? limitExceeded(code, limit, place) : error;
    };
  }
}
