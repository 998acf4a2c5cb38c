import type { IncomingMessage } from 'node:http';
import {
  type DecodingOptions,
  type DecodingSettings,
  resolveDecodingOptions,
} from '../formats/decoding/decoding-options';
import { defaultLimit } from '../formats/read-bytes';
import { hasType } from './has-type';
import { parseSize } from './parse-size';

/** Options that every parser has, as body-parser. */
export interface BodyOptions extends DecodingOptions {
  /**
   * Bytes at most, decoded: a number, or text such as `'100kb'`. More is a 413, `entity.too.large`. Default 102,400
   * (100 KiB).
   */
  limit?: number | string | undefined;
  /** The media types that are parsed, as type-is takes them, or a function that says whether to. */
  type?: string | string[] | ((request: IncomingMessage) => unknown) | undefined;
  /** Whether content codings are decoded; if not, a body that has one is a 415, `encoding.unsupported`. Default true. */
  inflate?: boolean | undefined;
}

/** Which charsets a parser reads. */
export interface Charsets {
  /** Of a body that names none. */
  readonly defaultCharset: string;
  readonly isSupported: (charset: string) => boolean;
}

/** What a parser has for what its options leave open. */
export interface BodyDefaults {
  /** As it is exported. */
  readonly name: string;
  readonly type: string;
  readonly limit?: number;
  /** Undefined where bodies are no text. */
  readonly charsets?: Charsets;
}

/** Options with every default filled in. */
export interface BodySettings {
  readonly name: string;
  readonly matches: (request: IncomingMessage) => boolean;
  readonly inflate: boolean;
  /** Has the limit, too. */
  readonly decoding: DecodingSettings;
  readonly charsets: Charsets | undefined;
}

/** Refuses bad options with a `TypeError` or `RangeError`, when the middleware is made. */
export function resolveBodyOptions(options: BodyOptions, defaults: BodyDefaults): BodySettings {
  const limit = parseSize('limit', options.limit ?? defaults.limit ?? defaultLimit);
  return {
    name: defaults.name,
    matches: typeMatcher(options.type || defaults.type),
    inflate: options.inflate !== false,
    decoding: resolveDecodingOptions(options, limit),
    charsets: defaults.charsets,
  };
}

function typeMatcher(type: NonNullable<BodyOptions['type']>): (request: IncomingMessage) => boolean {
  if (typeof type === 'function') return (request) => Boolean(type(request));
  const types = Array.isArray(type) ? type : [type];
  return (request) => hasType(request, types);
}
