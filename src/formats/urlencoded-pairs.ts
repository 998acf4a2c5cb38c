import { isAscii } from 'node:buffer';
import { decodeText, isUtf8 } from './charset';
import { keyTooLong, tooManyValues, valueTooLong } from './errors';
import { marksOfPair, unescapePairs } from './unescape-pairs';

/** The limits of a urlencoded form, as FormOptions in ASP.NET. Each number passes, one more is a 413. */
export interface PairLimits {
  /** Pairs at most, empty ones and repeated names counted; `parameters.too.many`. */
  readonly valueCountLimit: number;
  /** Bytes of a name at most, as they were sent; `form.key.too.long`. */
  readonly keyLengthLimit: number;
  /** Bytes of a value at most, as they were sent; `form.value.too.long`. */
  readonly valueLengthLimit: number;
}

/**
 * Visits the pairs of a whole urlencoded form in their order.
 *
 * A pair without `=` has the value ''. Nothing between two `&` is a pair of two empty texts; nothing after the last one
 * is no pair. In ISO-8859-1 escapes are characters of it, in every other charset they are UTF-8; a name or value with an
 * escape that is none stays as it was sent, as with qs.
 *
 * The visitor must not call this function.
 */
export function forEachPair(
  bytes: Buffer,
  charset: string,
  limits: PairLimits,
  visit: (name: string, value: string) => void,
): void {
  const { valueCountLimit, keyLengthLimit, valueLengthLimit } = limits;
  let count = 0;
  const pairs = unescapePairs(toUtf8(bytes, charset), isLatin1(charset), (nameLength, valueLength) => {
    count += 1;
    if (count > valueCountLimit) throw tooManyValues(valueCountLimit);
    if (nameLength > keyLengthLimit) throw keyTooLong(keyLengthLimit);
    if (valueLength > valueLengthLimit) throw valueTooLong(valueLengthLimit);
  });
  const { memory, marks } = pairs;
  const text = memory.toString('latin1', 0, pairs.length);
  let start = 0;
  for (let index = 0; index < pairs.markCount; index += marksOfPair) {
    const nameEnd = marks[index] as number;
    const end = marks[index + 1] as number;
    if (marks[index + 2] === 0) visit(text.slice(start, nameEnd), text.slice(nameEnd, end));
    else visit(memory.toString('utf8', start, nameEnd), memory.toString('utf8', nameEnd, end));
    start = end;
  }
}

function toUtf8(bytes: Buffer, charset: string): Buffer {
  const isAsciiInUtf8 = (charset === 'utf-8' || isUtf8(charset) || isLatin1(charset)) && isAscii(bytes);
  return isAsciiInUtf8 ? bytes : Buffer.from(decodeText(bytes, charset));
}

function isLatin1(charset: string): boolean {
  return charset !== 'utf-8' && charset.toLowerCase() === 'iso-8859-1';
}
