import { isAscii } from 'node:buffer';
import { decodeText, isUtf8 } from './charset';
import { knownName } from './known-names';
import { marksOfPair, type PairLimits, pairFlags, type UnescapedPairs, unescapePairs } from './unescape-pairs';

const ampersand = 38;
const equals = 61;
const unlimited = { keyLengthLimit: Number.POSITIVE_INFINITY, valueLengthLimit: Number.POSITIVE_INFINITY };

/** The pairs of a form. */
export interface FormPairs {
  /** Names and values in turns. */
  readonly texts: readonly string[];
  /** Whether there is a bracket, escaped or not. */
  readonly hasBrackets: boolean;
  /** Whether there are escapes that are none. */
  readonly hasOddEscapes: boolean;
  /** The limit that the next pair is beyond. It and what follows it are not among the texts. */
  readonly exceeded: keyof PairLimits | undefined;
}

/**
 * The pairs of a whole urlencoded form in their order.
 *
 * A pair without `=` has the value ''. Nothing between two `&` is a pair of two empty texts; nothing after the last one
 * is no pair. In ISO-8859-1 escapes are characters of it, in every other charset they are UTF-8; a name or value with an
 * escape that is none stays as it was sent, as with qs.
 */
export function readPairs(bytes: Buffer, charset: string, limits: PairLimits): FormPairs {
  const text = toUtf8(bytes, charset);
  const isLonger = text !== bytes && (isUtf8(charset) || isLatin1(charset));
  const within = isLonger ? pairsWithin(bytes, limits) : undefined;
  const pairs = unescapePairs(text, isLatin1(charset), within?.limits ?? limits);
  return {
    texts: textsOf(pairs),
    hasBrackets: (pairs.flags & pairFlags.bracket) !== 0,
    hasOddEscapes: (pairs.flags & pairFlags.oddEscape) !== 0,
    exceeded: within === undefined ? pairs.exceeded : within.exceeded,
  };
}

/** The limits count bytes as they were sent; UTF-8 of them may be longer. What is left to count then are the pairs. */
function pairsWithin(bytes: Buffer, limits: PairLimits): { limits: PairLimits; exceeded: FormPairs['exceeded'] } {
  let valueCountLimit = 0;
  let exceeded: FormPairs['exceeded'];
  for (let at = 0; at < bytes.length; valueCountLimit += 1) {
    const next = bytes.indexOf(ampersand, at);
    const pair = bytes.subarray(at, next === -1 ? bytes.length : next);
    const border = pair.indexOf(equals);
    if (valueCountLimit === limits.valueCountLimit) exceeded = 'valueCountLimit';
    else if ((border === -1 ? pair.length : border) > limits.keyLengthLimit) exceeded = 'keyLengthLimit';
    else if (border !== -1 && pair.length - border - 1 > limits.valueLengthLimit) exceeded = 'valueLengthLimit';
    if (exceeded !== undefined) break;
    at += pair.length + 1;
  }
  return { limits: { ...unlimited, valueCountLimit }, exceeded };
}

/** Slices of one string where they are ASCII: a string of its own costs more than to unescape a pair. */
function textsOf({ memory, length, marks, markCount }: UnescapedPairs): string[] {
  const text = memory.toString('latin1', 0, length);
  const texts: string[] = new Array((markCount / marksOfPair) * 2);
  let start = 0;
  let at = 0;
  for (let index = 0; index < markCount; index += marksOfPair) {
    const nameEnd = marks[index] as number;
    const end = marks[index + 1] as number;
    const isAsciiPair = ((marks[index + 2] as number) & pairFlags.nonAscii) === 0;
    texts[at] = isAsciiPair ? knownName(text, memory, start, nameEnd) : memory.toString('utf8', start, nameEnd);
    texts[at + 1] = isAsciiPair ? text.slice(nameEnd, end) : memory.toString('utf8', nameEnd, end);
    at += 2;
    start = end;
  }
  return texts;
}

function toUtf8(bytes: Buffer, charset: string): Buffer {
  const isAsciiInUtf8 = (charset === 'utf-8' || isUtf8(charset) || isLatin1(charset)) && isAscii(bytes);
  return isAsciiInUtf8 ? bytes : Buffer.from(decodeText(bytes, charset));
}

function isLatin1(charset: string): boolean {
  return charset !== 'utf-8' && charset.toLowerCase() === 'iso-8859-1';
}
