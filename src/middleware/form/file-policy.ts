import type { IncomingMessage } from 'node:http';
import { checkLimit } from '../../formats/check-limit';
import { unexpectedFile } from './errors';
import type { UploadedFile } from './uploaded-file';

/** A field that may have files, and how many. As multer's. */
export interface FileField {
  /** The name of the field. */
  readonly name: string;
  /** Files at most; the next one is a 400, `LIMIT_UNEXPECTED_FILE`. Default: no limit but those of the form. */
  readonly maxCount?: number;
}

/** How the files of a form are given to the handler: in `req.file`, in `req.files` as an array or by field, or not. */
export type FileShape = 'one' | 'array' | 'by field' | 'none';

/** Which files a form may have, and where they go. */
export interface FilePolicy {
  /** Undefined: any. */
  readonly fields: readonly FileField[] | undefined;
  readonly shape: FileShape;
}

/** What was given as fields: `TypeError` where a name is no text, `RangeError` where a count is none. */
export function checkFields(fields: readonly FileField[]): readonly FileField[] {
  if (!Array.isArray(fields)) throw new TypeError('The fields of a form must be an array of { name, maxCount }.');
  return fields.map(({ name, maxCount }: FileField) => {
    if (typeof name !== 'string') throw new TypeError(`The name of a field must be a text; it is ${String(name)}.`);
    return { name, maxCount: checkLimit('maxCount', maxCount ?? Number.POSITIVE_INFINITY) };
  });
}

/** The files of one request. */
export class FileCollection {
  readonly files: UploadedFile[] = [];
  readonly #policy: FilePolicy;
  readonly #left: Map<string, number> | undefined;

  constructor(policy: FilePolicy) {
    this.#policy = policy;
    this.#left = policy.fields && new Map(policy.fields.map(({ name, maxCount = Infinity }) => [name, maxCount]));
  }

  /** Refuses a file that was not asked for, or one too many: 400, `LIMIT_UNEXPECTED_FILE`. */
  expect({ fieldname, originalname }: UploadedFile): void {
    if (this.#left === undefined || (this.#left.get(fieldname) ?? 0) > 0) return;
    throw unexpectedFile({ field: fieldname, filename: originalname });
  }

  add(file: UploadedFile): void {
    this.files.push(file);
    this.#left?.set(file.fieldname, (this.#left.get(file.fieldname) as number) - 1);
  }

  /** Gives the request its files. */
  giveTo(request: IncomingMessage): void {
    const target = request as { file?: UploadedFile | undefined; files?: unknown };
    if (this.#policy.shape === 'one') target.file = this.files[0];
    else if (this.#policy.shape === 'array') target.files = this.files;
    else if (this.#policy.shape === 'by field') target.files = this.#byField();
  }

  #byField(): Record<string, UploadedFile[]> {
    const files: Record<string, UploadedFile[]> = Object.create(null);
    for (const file of this.files) {
      const others = files[file.fieldname];
      if (others === undefined) files[file.fieldname] = [file];
      else others.push(file);
    }
    return files;
  }
}
