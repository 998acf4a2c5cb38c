import type { IncomingMessage, ServerResponse } from 'node:http';
import { readWhole } from '../formats/read-bytes';
import { type BodyDefaults, type BodyOptions, type BodySettings, resolveBodyOptions } from './body-options';
import { noVerify, verifyFailed } from './errors';
import type { Exchange } from './handler';
import { parseBody } from './parse-body';

/**
 * Refuses a request by what it throws, or by a promise that rejects. `body` is decoded; `encoding` its charset, or null.
 *
 * A method's type: one that takes Express's own request fits, too.
 */
export type Verify = {
  verify(request: IncomingMessage, response: ServerResponse, body: Buffer, encoding: string | null): unknown;
}['verify'];

/** Options of the parsers that read a body whole, as body-parser. */
export interface WholeBodyOptions extends BodyOptions {
  /**
   * Looks at the decoded bytes before they are parsed; `encoding` is their charset, or null. What it throws, or what its
   * promise rejects with, refuses the request: 403, `entity.verify.failed`, unless it has a `status` or `type` of its own.
   */
  verify?: Verify | undefined;
  /** Whether the decoded bytes are kept as `req.rawBody`, beside the parsed value. Default false. */
  rawBody?: boolean | undefined;
}

/** Options with every default filled in. */
export interface WholeBodySettings extends BodySettings {
  readonly verify: Verify | undefined;
  readonly keepsRawBody: boolean;
}

/** Refuses bad options with a `TypeError` or `RangeError`, when the middleware is made. */
export function resolveWholeBodyOptions(options: WholeBodyOptions, defaults: BodyDefaults): WholeBodySettings {
  const verify = options.verify || undefined;
  if (verify !== undefined && typeof verify !== 'function') throw noVerify();
  return { ...resolveBodyOptions(options, defaults), verify, keepsRawBody: options.rawBody === true };
}

/** Gives `req.body` what `parse` makes of all bytes of the body; see {@link parseBody}. */
export function parseWholeBody(
  exchange: Exchange,
  settings: WholeBodySettings,
  parse: (bytes: Buffer, charset: string) => unknown,
): void {
  const isLookedAt = settings.verify !== undefined || settings.keepsRawBody;
  parseBody(exchange, settings, (reader, charset) =>
    readWhole(reader, settings.decoding, (bytes) =>
      isLookedAt ? lookAt(bytes, charset, exchange, settings).then(() => parse(bytes, charset)) : parse(bytes, charset),
    ),
  );
}

async function lookAt(
  bytes: Buffer,
  charset: string,
  { request, response }: Exchange,
  { keepsRawBody, verify }: WholeBodySettings,
): Promise<void> {
  if (keepsRawBody) (request as IncomingMessage & { rawBody?: Buffer }).rawBody = bytes;
  try {
    await verify?.(request, response, bytes, charset || null);
  } catch (reason) {
    throw verifyFailed(reason, bytes);
  }
}
