import createError from 'http-errors';

/** The sentences of this layer. `type` and the facts are those of body-parser, so that error handlers go on working. */

export const requestAborted = (received: number, expected: number | undefined) =>
  createError(400, `The client went away after ${received} bytes of the body${ofExpected(expected)}.`, {
    type: 'request.aborted',
    code: 'ECONNABORTED',
    received,
    expected,
    length: expected,
  });

function ofExpected(expected: number | undefined): string {
  return expected === undefined ? '' : ` of ${expected}`;
}

export const sizeInvalid = (expected: number, received: number) =>
  createError(400, `The body has ${received} bytes, its Content-Length says ${expected}.`, {
    type: 'request.size.invalid',
    expected,
    length: expected,
    received,
  });

export const bodyDiscarded = () =>
  createError(500, 'The rest of the body was thrown away when the response was finished; read it before you answer.', {
    type: 'request.discarded',
    expose: false,
  });
