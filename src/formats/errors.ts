import createError from 'http-errors';

/** The sentences of this layer. `status`, `type` and the facts are those of body-parser, so that handlers go on working. */

export const entityTooLarge = (limit: number, received: number) =>
  createError(413, `The body is longer than ${limit} bytes; raise "limit" to accept it.`, {
    type: 'entity.too.large',
    limit,
    received,
  });

export const lineTooLong = (line: number, limit: number, unit: 'bytes' | 'characters' = 'bytes') =>
  createError(413, `Line ${line} is longer than ${limit} ${unit}; raise "maxLineLength" to accept it.`, {
    type: 'line.too.long',
    limit,
    line,
  });

export const tooManyLines = (limit: number) =>
  createError(413, `The body has more than ${limit} lines; raise "maxLines" to accept it.`, {
    type: 'lines.too.many',
    limit,
  });

export const unknownCharset = (charset: string) =>
  new RangeError(`"charset" must be a charset of text, such as 'utf-8' or 'windows-1252'; it is '${charset}'.`);

export const parseFailed = (cause: unknown, body: string) =>
  createError(400, (cause as Error).message, { type: 'entity.parse.failed', body, cause });

export const lineParseFailed = (cause: unknown, line: number, body: string) =>
  createError(400, `Line ${line} is not JSON: ${(cause as Error).message}`, {
    type: 'entity.parse.failed',
    body,
    line,
    cause,
  });

export const emptyLine = (line: number) =>
  createError(400, `Line ${line} is empty; set "skipEmpty" to leave out empty lines.`, {
    type: 'entity.parse.failed',
    body: '',
    line,
  });

/** Which element of an array, from 1 on, and how many bytes lie before it. */
interface ElementPlace {
  readonly element: number;
  readonly offset: number;
}

export const elementParseFailed = (place: ElementPlace, body: string, cause: unknown) =>
  createError(400, `${nameOf(place)} is not JSON: ${(cause as Error).message}`, {
    type: 'entity.parse.failed',
    ...place,
    body,
    cause,
  });

export const elementTooLong = (place: ElementPlace, limit: number) =>
  createError(413, `${nameOf(place)} is longer than ${limit} bytes; raise "maxElementLength" to accept it.`, {
    type: 'element.too.long',
    ...place,
    limit,
  });

export const elementTooDeep = (place: ElementPlace, limit: number) =>
  createError(400, `${nameOf(place)} is nested deeper than ${limit} levels; raise "maxDepth" to accept it.`, {
    type: 'element.too.deep',
    ...place,
    limit,
  });

const nameOf = ({ element, offset }: ElementPlace) => `Element ${element} of the JSON array (at byte ${offset})`;

export const notAnArray = (offset: number) =>
  createError(400, `The JSON text is no array: there is no "[" at byte ${offset}.`, {
    type: 'entity.parse.failed',
    offset,
  });

export const bytesAfterArray = (offset: number) =>
  createError(400, `Something other than white space follows the JSON array, at byte ${offset}.`, {
    type: 'entity.parse.failed',
    offset,
  });

export const noSchema = () =>
  new TypeError('"schema" must be a Standard Schema 1, such as zod, valibot and arktype make: it has no "~standard".');

export const schemaFailed = (reason: string, issues: readonly unknown[], line?: number) =>
  createError(422, `${line === undefined ? 'The body' : `Line ${line}`} does not match the schema: ${reason}`, {
    type: 'entity.schema.failed',
    issues,
    ...(line !== undefined && { line }),
  });
