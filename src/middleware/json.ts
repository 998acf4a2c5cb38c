import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonCharset, type ParseJsonOptions, parseJson } from '../formats/parse-json';
import { checkProtoPoisoning } from '../formats/proto-poisoning';
import { checkSchema, type StandardSchema, validate } from '../formats/standard-schema';
import type { Handler, NextFunction } from './handler';
import { parseWholeBody, resolveWholeBodyOptions, type WholeBodyOptions } from './parse-whole-body';

/** Options of `json()`: body-parser's, and a few that its users have asked for. */
export interface JsonOptions extends WholeBodyOptions, ParseJsonOptions {
  /** The charset of a body that names none; only UTF-8, UTF-16 and UTF-32 are read. Default `'utf-8'`. */
  defaultCharset?: string | undefined;
  /** A Standard Schema 1, such as zod, valibot and arktype make. What does not match is a 422, `entity.schema.failed`. */
  schema?: StandardSchema | undefined;
}

/** A middleware that leaves a value of a known type in `req.body`. */
export type BodyHandler<Body> = (
  request: IncomingMessage & { body: Body },
  response: ServerResponse,
  next: NextFunction,
) => void;

/**
 * Parses JSON bodies into `req.body`, as `express.json()`; with a `schema`, into what it makes of them. `json<Order>()`
 * says what `req.body` is without a look at it.
 *
 * 400 `entity.parse.failed`, 413 `entity.too.large`, 415 `charset.unsupported` and `encoding.unsupported`, 422
 * `entity.schema.failed`, and what `verify` says.
 */
export function json<Output>(options: JsonOptions & { schema: StandardSchema<Output> }): BodyHandler<Output>;
/** Without a schema: the value is what the body says. */
export function json(options?: JsonOptions): Handler;
/** Without a look at it: the type is what the caller says. */
export function json<Body>(options?: JsonOptions): BodyHandler<Body>;
export function json(given?: JsonOptions): Handler {
  const options = given ?? {};
  const { schema, onProtoPoisoning } = options;
  checkSchema(schema);
  checkProtoPoisoning(onProtoPoisoning);
  const settings = resolveWholeBodyOptions(options, {
    name: 'json',
    type: 'application/json',
    charsets: { defaultCharset: options.defaultCharset || 'utf-8', isSupported: isJsonCharset },
  });
  const parse = (bytes: Buffer, charset: string) => parseJson(bytes, options, charset);
  const parseAndValidate = (bytes: Buffer, charset: string) =>
    validate(schema as StandardSchema, parse(bytes, charset));
  const toValue = schema === undefined ? parse : parseAndValidate;
  return function jsonParser(request, response, next) {
    parseWholeBody({ request, response, next }, settings, toValue);
  };
}
