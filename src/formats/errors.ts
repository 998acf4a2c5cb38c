import createError from 'http-errors';

/** The sentences of this layer. `status`, `type` and the facts are those of body-parser, so that handlers go on working. */

export const entityTooLarge = (limit: number, received: number) =>
  createError(413, `The body is longer than ${limit} bytes; raise "limit" to accept it.`, {
    type: 'entity.too.large',
    limit,
    received,
  });

export const lineTooLong = (line: number, limit: number) =>
  createError(413, `Line ${line} is longer than ${limit} bytes; raise "maxLineLength" to accept it.`, {
    type: 'line.too.long',
    limit,
    line,
  });

export const parseFailed = (cause: unknown, body: string) =>
  createError(400, (cause as Error).message, { type: 'entity.parse.failed', body, cause });

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
