import { decodeText } from './charset';
import { tooManyParameters } from './errors';
import { emptyValues, type FormValues } from './form-values';
import { nestPairs } from './nest-pairs';
import { parseByQs } from './parse-by-qs';
import type { PairLimits } from './unescape-pairs';
import { type FormPairs, readPairs } from './urlencoded-pairs';

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

/**
 * A whole urlencoded form as an object without a prototype. A name that comes several times has an array of its values.
 *
 * Sentinels, entities and names whose brackets are no plain path are left to qs, which is loaded when first needed; the
 * rest is read here, with the same result. What qs refuses is a 400.
 */
export function parseUrlencoded(bytes: Buffer, settings: UrlencodedSettings, charset: string): FormValues {
  if (bytes.length === 0) return emptyValues();
  const { parameterLimit } = settings;
  const pairs = readPairs(bytes, charset, limitsOf(parameterLimit));
  const count = pairs.texts.length / 2 + (bytes[bytes.length - 1] === ampersand ? 1 : 0);
  if (pairs.exceeded !== undefined || count > parameterLimit) {
    throw tooManyParameters(parameterLimit, decodeText(bytes, charset));
  }
  return valuesOf(pairs, settings, charset) ?? parseByQs(decodeText(bytes, charset), settings, { charset, count });
}

const ampersand = 0x26;

/** Lengths are bounded by the whole body. */
function limitsOf(parameterLimit: number): PairLimits {
  return {
    valueCountLimit: parameterLimit,
    keyLengthLimit: Number.POSITIVE_INFINITY,
    valueLengthLimit: Number.POSITIVE_INFINITY,
  };
}

/** Undefined where it takes qs. */
function valuesOf({ texts, hasBrackets, hasOddEscapes }: FormPairs, settings: UrlencodedSettings, charset: string) {
  const hasEntities = settings.interpretNumericEntities && charset === 'iso-8859-1';
  if (hasEntities || settings.charsetSentinel) return undefined;
  if (!hasBrackets) return flatValues(texts);
  // qs undoes the escapes of brackets first, also where the others are none.
  if (hasOddEscapes || texts.some(goesOnBeyondEquals)) return undefined;
  if (settings.extended && settings.depth > 0) return nestPairs(texts, settings.depth);
  // Without depth, too, qs strips a pair of brackets around a name.
  return texts.some(isNameInBrackets) ? undefined : flatValues(texts);
}

/** For qs a name with `]=` behind its first `=` ends there. */
function goesOnBeyondEquals(text: string, index: number, texts: readonly string[]): boolean {
  return index % 2 === 1 && text.includes(']=') && !(texts[index - 1] as string).endsWith(']');
}

function isNameInBrackets(text: string, index: number): boolean {
  return index % 2 === 0 && text.startsWith('[');
}

function flatValues(texts: readonly string[]): FormValues {
  const values = emptyValues();
  for (let index = 0; index < texts.length; index += 2) {
    const name = texts[index] as string;
    const value = texts[index + 1] as string;
    const existing = values[name];
    if (existing === undefined) {
      // Neither is one for qs.
      if (name !== '' && name !== '__proto__') values[name] = value;
    } else if (typeof existing === 'string') values[name] = [existing, value];
    else (existing as string[]).push(value);
  }
  return values;
}
