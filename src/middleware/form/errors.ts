import createError from 'http-errors';

/** The sentences of form(). `code` is multer's, so that handlers written for it go on working; `status` is right, too. */

const sentences = {
  LIMIT_PART_COUNT: (limit: number) => `The form has more than ${limit} parts; raise "limits.parts" to accept it.`,
  LIMIT_FILE_SIZE: (limit: number) => `A file is longer than ${limit} bytes; raise "limits.fileSize" to accept it.`,
  LIMIT_FILE_COUNT: (limit: number) => `The form has more than ${limit} files; raise "limits.files" to accept it.`,
  LIMIT_FIELD_KEY: (limit: number) =>
    `The name of a field is longer than ${limit} bytes; raise "limits.fieldNameSize" to accept it.`,
  LIMIT_FIELD_VALUE: (limit: number) =>
    `The value of a field is longer than ${limit} bytes; raise "limits.fieldSize" to accept it.`,
  LIMIT_FIELD_COUNT: (limit: number) => `The form has more than ${limit} fields; raise "limits.fields" to accept it.`,
};

/** What an error is about: the field, and the client's name of the file. */
export interface ErrorPlace {
  readonly field?: string | undefined;
  readonly filename?: string | undefined;
}

export const limitExceeded = (code: keyof typeof sentences, limit: number, place: ErrorPlace = {}) =>
  createError(413, sentences[code](limit), { type: 'form.limit.exceeded', code, limit, ...place });

export const unexpectedFile = (place: ErrorPlace) =>
  createError(400, `A file came in the field "${place.field}", where none, or no more, was expected.`, {
    type: 'form.file.unexpected',
    code: 'LIMIT_UNEXPECTED_FILE',
    ...place,
  });

export const nameMissing = () =>
  createError(400, 'A part of the form has no name.', { type: 'form.name.missing', code: 'MISSING_FIELD_NAME' });

export const storageFull = (cause: unknown) =>
  createError(507, 'There is no room to store the uploaded file.', {
    type: 'form.storage.full',
    code: (cause as { code: string }).code,
    cause,
    expose: true,
  });

export const noFormOptions = () => new TypeError('The options of form() must be an object.');

export const noStorage = () => new TypeError('"storage" must have the methods _handleFile and _removeFile.');

export const noPath = () => new TypeError('diskStorage() needs a text from "destination" and from "filename".');
