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

/** As body-parser: the very error of `JSON.parse` or of a reviver, so that `instanceof SyntaxError` holds; always a 400. */
export const parseFailed = (error: Error, body: string) =>
  createError(400, Object.assign(error, { status: undefined, statusCode: undefined }), {
    type: 'entity.parse.failed',
    body,
  });

export const tooManyParameters = (limit: number, body: string) =>
  createError(413, `The form has more than ${limit} parameters; raise "parameterLimit" to accept it.`, {
    type: 'parameters.too.many',
    body,
  });

export const tooDeep = (depth: number, body: string) =>
  createError(400, `A name of the form is nested more than ${depth} deep; raise "depth" to accept it.`, {
    type: 'querystring.parse.rangeError',
    body,
  });

export const forbiddenKey = (key: string) =>
  new SyntaxError(
    `The key "${key}" is not accepted, it could change prototypes; set "onProtoPoisoning" to "remove" or "ignore" it.`,
  );

export const noProtoPoisoning = (value: unknown) =>
  new TypeError(`"onProtoPoisoning" must be 'error', 'remove' or 'ignore'; it is ${JSON.stringify(value)}.`);

export const charsetUnsupported = (charset: string) =>
  createError(415, `The charset "${charset.toUpperCase()}" is not supported; send the text as UTF-8.`, {
    type: 'charset.unsupported',
    charset,
  });

export const encodingUnsupported = (encoding: string, accepted: string, codingsAtMost: number) =>
  createError(
    415,
    `The content coding "${encoding}" is not supported; use one of these, at most ${codingsAtMost} times: ${accepted}.`,
    { type: 'encoding.unsupported', encoding },
  );

export const encodingRefused = (encoding: string) =>
  createError(
    415,
    `The content coding "${encoding}" is not decoded here ("inflate" is false); send the body without it.`,
    {
      type: 'encoding.unsupported',
      encoding,
    },
  );

/** `code` is that of node:zlib, as with body-parser. */
export const decodeFailed = (cause: Error & { code?: string }) =>
  createError(400, `The body cannot be decoded: ${cause.message}; check its Content-Encoding.`, {
    type: 'entity.decode.failed',
    code: cause.code,
    cause,
  });

/** `code` is what the decoders that see it by themselves say. */
export const bodyCutOff = () =>
  createError(400, 'The body ends before its content coding does; send all of it.', {
    type: 'entity.decode.failed',
    code: 'Z_BUF_ERROR',
  });

export const tooManyFrames = (limit: number) =>
  createError(400, `The body has more than ${limit} frames of zstd; send it in longer ones.`, {
    type: 'entity.decode.failed',
    limit,
  });

export const trailingBytes = () =>
  createError(400, 'The body goes on after the end of its content coding; send nothing after it.', {
    type: 'entity.decode.failed',
  });

export const ratioTooHigh = (maxRatio: number, encoded: number, received: number) =>
  createError(
    413,
    `${encoded} bytes became ${received} when they were decoded, more than ${maxRatio} for one; raise "maxRatio" to accept it.`,
    { type: 'entity.too.large', maxRatio, received },
  );

export const noRatio = (value: unknown) =>
  new RangeError(`"maxRatio" must be a number of at least 1; it is ${String(value)}.`);

export const tooManyLines = (limit: number) =>
  createError(413, `The body has more than ${limit} lines; raise "maxLines" to accept it.`, {
    type: 'lines.too.many',
    limit,
  });

export const unknownCharset = (option: string, charset: string) =>
  new RangeError(`"${option}" must be a charset of text, such as 'utf-8' or 'windows-1252'; it is '${charset}'.`);

export const unknownFormCharset = (charset: string) => new TypeError(`The charset "${charset}" is not known.`);

export const noLineEnd = (eol: unknown) => new RangeError(`"eol" must be 'lf' or 'any'; it is ${String(eol)}.`);

export const noLimit = (name: string, limit: unknown) =>
  new RangeError(`"${name}" must be a whole number of 0 or more, or Infinity; it is ${String(limit)}.`);

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

/** Where one of many values stands: a line of NDJSON, or an element of an array. */
export type Place = { readonly line: number } | ElementPlace;

export const valueParseFailed = (place: Place, body: string, cause: unknown) =>
  createError(400, `${nameOf(place)} cannot be parsed: ${(cause as Error).message}`, {
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

const nameOf = (place: Place) =>
  'line' in place ? `Line ${place.line}` : `Element ${place.element} of the JSON array (at byte ${place.offset})`;

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

export const schemaFailed = (reason: string, issues: readonly unknown[], place?: Place) =>
  createError(422, `${place === undefined ? 'The body' : nameOf(place)} does not match the schema: ${reason}`, {
    type: 'entity.schema.failed',
    issues,
    ...place,
  });

export const tooManyValues = (limit: number) =>
  createError(413, `The form has more than ${limit} pairs of name and value; raise "valueCountLimit" to accept it.`, {
    type: 'parameters.too.many',
    limit,
  });

export const keyTooLong = (limit: number) =>
  createError(413, `A name of the form is longer than ${limit} bytes; raise "keyLengthLimit" to accept it.`, {
    type: 'form.key.too.long',
    limit,
  });

export const valueTooLong = (limit: number) =>
  createError(413, `A value of the form is longer than ${limit} bytes; raise "valueLengthLimit" to accept it.`, {
    type: 'form.value.too.long',
    limit,
  });
