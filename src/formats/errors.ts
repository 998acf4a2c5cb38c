import createError from 'http-errors';
import { InvalidOperationError } from '../buffers/invalid-operation-error';

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

export const invalidBoundary = () =>
  createError(400, 'The multipart body has no boundary of 1 to 70 characters of ASCII.', {
    type: 'multipart.boundary.invalid',
  });

export const malformedSection = (reason: string) =>
  createError(400, `A section of the multipart body cannot be read: ${reason}.`, { type: 'multipart.malformed' });

export const multipartTruncated = () =>
  createError(400, 'The multipart body ended before its last delimiter; send it whole.', {
    type: 'multipart.truncated',
  });

export const tooManySections = (limit: number) =>
  createError(413, `The multipart body has more than ${limit} sections; raise "sectionCountLimit" to accept it.`, {
    type: 'multipart.sections.too.many',
    limit,
  });

export const sectionTooLong = (limit: number) =>
  createError(413, `A section is longer than ${limit} bytes; raise "bodyLengthLimit" to accept it.`, {
    type: 'multipart.section.too.large',
    limit,
  });

export const tooManyHeaders = (limit: number) =>
  createError(413, `A section has more than ${limit} headers; raise "headersCountLimit" to accept it.`, {
    type: 'multipart.headers.too.many',
    limit,
  });

export const headersTooLong = (limit: number) =>
  createError(413, `The headers of a section are longer than ${limit} bytes; raise "headersLengthLimit".`, {
    type: 'multipart.headers.too.large',
    limit,
  });

export const sectionInProgress = () =>
  new InvalidOperationError(
    'ERR_PIPE_SECTION_IN_PROGRESS',
    'The next section is being read already; await readNextSection() before you call it again.',
  );

export const sectionPassed = () =>
  new InvalidOperationError(
    'ERR_PIPE_SECTION_PASSED',
    'The next section was asked for; read all of a section that you want before you ask for the next.',
  );

export const fieldNestedTooDeep = (field: string, limit: number) =>
  createError(400, `The name of a field has more than ${limit} brackets; raise "fieldNestingDepth" to accept it.`, {
    type: 'form.name.invalid',
    code: 'LIMIT_FIELD_NESTING',
    field,
    limit,
  });

export const fieldIndexTooLarge = (field: string, limit: number) =>
  createError(400, `The name of a field has an index above ${limit}; raise "fieldArrayIndexLimit" to accept it.`, {
    type: 'form.name.invalid',
    code: 'LIMIT_FIELD_ARRAY_INDEX',
    field,
    limit,
  });
