import createError from 'http-errors';

/** The sentences of this layer. `status`, `type` and the facts are those of body-parser, so that handlers go on working. */

/** As body-parser says of a Content-Length: refused before the first byte. */
export const announcedTooLarge = (limit: number, length: number) =>
  createError(413, `The body of ${length} bytes is longer than ${limit} bytes; raise "limit" to accept it.`, {
    type: 'entity.too.large',
    limit,
    length,
    expected: length,
  });

/** The very error that `verify` threw, with its own `status` and `type` where it has them. */
export const verifyFailed = (reason: unknown, body: Buffer) => {
  const error = typeof reason === 'object' && reason !== null ? (reason as Error) : new Error(String(reason));
  const { type } = error as { type?: string };
  return createError(403, error, { type: 'entity.verify.failed', ...(type && { type }), body });
};

export const streamEncodingSet = () =>
  createError(500, 'setEncoding() was called on the request; parsers need its bytes.', { type: 'stream.encoding.set' });

export const streamNotReadable = () =>
  createError(500, 'The request cannot be read any more; somebody read it before.', { type: 'stream.not.readable' });

export const noVerify = () => new TypeError('"verify" must be a function.');

export const noParameterLimit = () => new TypeError('"parameterLimit" must be a number of at least 1.');

export const noDepth = () => new TypeError('"depth" must be a number of at least 0.');

export const noFormCharset = () => new TypeError('"defaultCharset" must be utf-8 or iso-8859-1.');

export const noSize = (name: string, size: unknown) =>
  new TypeError(
    `"${name}" must be a size of 0 bytes or more: a number of bytes, or text such as '100kb' or '5mb'; ` +
      `it is ${typeof size === 'string' ? `'${size}'` : String(size)}.`,
  );

export const unknownCoding = (option: string, known: readonly string[], name: unknown) =>
  new TypeError(`"${option}" knows ${known.join(', ')}; it was given ${JSON.stringify(name) ?? String(name)}.`);

export const noFunction = (option: string, value: unknown) =>
  new TypeError(`"${option}" must be a function; it is ${JSON.stringify(value) ?? String(value)}.`);
