import type qs from 'qs';
import { decodeText } from './charset';
import { parseFailed, tooDeep, tooManyParameters } from './errors';
import { forEachPair, type PairLimits } from './urlencoded-pairs';

/** How a form is parsed; as body-parser. */
export interface UrlencodedSettings {
  /** Whether brackets in names make objects and arrays. */
  readonly extended: boolean;
  /** Parameters at most; more is a 413, `parameters.too.many`. */
  readonly parameterLimit: number;
  /** How deep brackets may be nested; more is a 400, `querystring.parse.rangeError`. */
  readonly depth: number;
  /** Whether a parameter `utf8=✓` says which charset the form is in. */
  readonly charsetSentinel: boolean;
  /** Whether `&#9786;` in a form in ISO-8859-1 is a character. */
  readonly interpretNumericEntities: boolean;
}

type FormValues = Record<string, unknown>;

/**
 * A whole urlencoded form as an object without a prototype. A name that comes several times has an array of its values.
 *
 * Names with brackets, sentinels and entities are left to qs, which is loaded when first needed; the rest is scanned here,
 * with the same result. What qs refuses is a 400.
 */
export function parseUrlencoded(bytes: Buffer, settings: UrlencodedSettings, charset: string): FormValues {
  if (bytes.length === 0) return emptyForm();
  const { count, hasBrackets } = lookOver(bytes, settings.parameterLimit);
  if (count > settings.parameterLimit) throw tooManyParameters(settings.parameterLimit, decodeText(bytes, charset));
  const hasEntities = settings.interpretNumericEntities && charset === 'iso-8859-1';
  // Without depth, too, qs strips a pair of brackets around a name.
  const needsQs = hasBrackets || hasEntities || settings.charsetSentinel;
  return needsQs ? parseByQs(bytes, settings, { charset, count }) : parseFlat(bytes, charset);
}

const ampersand = 0x26;
const percent = 0x25;
const openingBracket = 0x5b;
const closingBracket = 0x5d;

/**
 * Counts the parameters as body-parser does, empty ones too and no further than one beyond the limit. A closing bracket
 * alone matters as well: for qs a name that ends with one goes on beyond its first `=`.
 */
function lookOver(bytes: Buffer, limit: number): { count: number; hasBrackets: boolean } {
  let count = 1;
  let hasBrackets = false;
  const { length } = bytes;
  for (let index = 0; index < length && count <= limit; index += 1) {
    const byte = bytes[index] as number;
    // Most bytes are small letters.
    if (byte > closingBracket) continue;
    if (byte === ampersand) count += 1;
    else if (byte === openingBracket || byte === closingBracket) hasBrackets = true;
    else if (byte === percent && isEscapedBracket(bytes, index)) hasBrackets = true;
  }
  return { count, hasBrackets };
}

/** `%5B` or `%5D`, in capitals or not. */
function isEscapedBracket(bytes: Buffer, at: number): boolean {
  if (bytes[at + 1] !== 0x35) return false;
  const letter = (bytes[at + 2] ?? 0) | 0x20;
  return letter === 0x62 || letter === 0x64;
}

/** The limits were checked on the whole body. */
const noLimits: PairLimits = {
  valueCountLimit: Number.POSITIVE_INFINITY,
  keyLengthLimit: Number.POSITIVE_INFINITY,
  valueLengthLimit: Number.POSITIVE_INFINITY,
};

function parseFlat(bytes: Buffer, charset: string): FormValues {
  const values = emptyForm();
  forEachPair(bytes, charset, noLimits, (name, value) => {
    const existing = values[name];
    if (existing === undefined) {
      // Neither is one for qs.
      if (name !== '' && name !== '__proto__') values[name] = value;
    } else if (Array.isArray(existing)) existing.push(value);
    else values[name] = [existing, value];
  });
  return values;
}

let loaded: typeof qs | undefined;

function parseByQs(
  bytes: Buffer,
  settings: UrlencodedSettings,
  { charset, count }: { charset: string; count: number },
): FormValues {
  // It brings 26 packages.
  loaded ??= require('qs') as typeof qs;
  const text = decodeText(bytes, charset);
  try {
    const values = loaded.parse(text, {
      allowPrototypes: true,
      arrayLimit: settings.extended ? Math.max(100, count) : count,
      charset: charset as 'utf-8' | 'iso-8859-1',
      charsetSentinel: settings.charsetSentinel,
      depth: settings.extended ? settings.depth : 0,
      interpretNumericEntities: settings.interpretNumericEntities,
      parameterLimit: settings.parameterLimit,
      strictDepth: true,
    });
    return withoutPrototypes(values);
  } catch (error) {
    throw (error as Error).name === 'RangeError' ? tooDeep(settings.depth, text) : parseFailed(error as Error, text);
  }
}

/** Afterwards: with its own option for it qs takes a quarter longer. */
function withoutPrototypes(values: FormValues): FormValues {
  const rest: object[] = [values];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) rest.push(inner);
  }
  return values;
}

function emptyForm(): FormValues {
  return Object.create(null) as FormValues;
}
