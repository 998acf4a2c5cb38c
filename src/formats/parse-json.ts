import { parseFailed } from './errors';

export interface ParseJsonOptions {
  /** Accept only objects and arrays. Default true, as body-parser. */
  strict?: boolean;
  /** Passed on to `JSON.parse`. */
  reviver?: (this: unknown, key: string, value: unknown) => unknown;
}

const byteOrderMark = 0xfeff;

/** A JSON text as a value; `{}` for an empty one, as body-parser. A text that is none is a 400, `entity.parse.failed`. */
export function parseJson(bytes: Buffer, { strict = true, reviver }: ParseJsonOptions): unknown {
  if (bytes.length === 0) return {};
  let text = bytes.toString();
  if (text.charCodeAt(0) === byteOrderMark) text = text.slice(1);
  try {
    if (strict) checkFirstCharacter(text);
    return JSON.parse(text, reviver);
  } catch (error) {
    throw parseFailed(error, text);
  }
}

/** RFC 8259 §2: white space is these four characters. */
const whiteSpace = ' \t\n\r';

function checkFirstCharacter(text: string): void {
  let index = 0;
  while (index < text.length && whiteSpace.includes(text[index] as string)) index += 1;
  const first = text[index];
  if (first === '{' || first === '[') return;
  if (first === undefined) throw new SyntaxError('Unexpected end of JSON input');
  throw new SyntaxError(`Unexpected token '${first}' at position ${index}: "strict" takes only objects and arrays`);
}
