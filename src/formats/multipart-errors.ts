import createError from 'http-errors';
import { InvalidOperationError } from '../buffers/invalid-operation-error';

/** The sentences about multipart bodies and the names of fields. */

export const invalidBoundary = () =>
  createError(400, 'The multipart body has no boundary of 1 to 70 characters of ASCII.', {
    type: 'multipart.boundary.invalid',
  });

export const noBoundary = () => new TypeError('"boundary" must be a string.');

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
