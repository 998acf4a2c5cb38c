import { decodeText } from './charset';
import { parseFailed } from './errors';
import { strictViolation, withPosition } from './json-errors';
import { type ProtoPoisoning, parseChecked, type Reviver } from './proto-poisoning';

/** How JSON is parsed. */
export interface ParseJsonOptions {
  /** Accept only objects and arrays. Default true, as body-parser. */
  strict?: boolean | undefined;
  /** Passed on to `JSON.parse`. */
  reviver?: Reviver | undefined;
  /**
   * What happens to a key `__proto__`, and to `constructor` over an object with `prototype`, which change prototypes
   * where a value is merged into another one: `'error'` is a 400, `'remove'` drops the key, `'ignore'` keeps it, as
   * body-parser. Default `'error'`.
   */
  onProtoPoisoning?: ProtoPoisoning | undefined;
}

const jsonCharsets = new Set(['utf-8', 'utf-16', 'utf-16le', 'utf-16be', 'utf-32', 'utf-32le', 'utf-32be']);

/** RFC 7159 §8.1, as body-parser; but not UTF-7, in which other texts look harmless. */
export function isJsonCharset(charset: string): boolean {
  return jsonCharsets.has(charset);
}

/**
 * A JSON text as a value; `{}` for an empty one, as body-parser. A text that is none is a 400, `entity.parse.failed`: a
 * `SyntaxError` with its line and column in the message.
 */
export function parseJson(bytes: Buffer, options: ParseJsonOptions, charset = 'utf-8'): unknown {
  const { strict, reviver, onProtoPoisoning = 'error' } = options;
  const text = decodeText(bytes, charset);
  if (text === '') return {};
  if (strict !== false && !startsStructure(text)) throw parseFailed(strictViolation(text), text);
  try {
    return parseChecked(text, onProtoPoisoning, reviver);
  } catch (error) {
    throw parseFailed(withPosition(error, text), text);
  }
}

const openBrace = 0x7b;
const openBracket = 0x5b;

/** Whether the first character that is not white space (RFC 8259 §2) opens an object or an array. */
function startsStructure(text: string): boolean {
  const first = text.charCodeAt(0);
  return first === openBrace || first === openBracket || /^[ \t\n\r]*[{[]/.test(text);
}
