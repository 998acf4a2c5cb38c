import { findJsonError } from './find-json-error';

/** Enough of a text for V8 to quote from it as it would from all of it. */
const quotedLength = 32;

/** A text that "strict" refuses, as body-parser words it: as V8 does where a character is no JSON. */
export function strictViolation(text: string): SyntaxError {
  const index = text.search(/[^ \t\n\r]/);
  const rest = index === -1 ? '' : text.slice(index);
  const noJson = rest === '' ? '' : text.slice(0, index) + '#'.repeat(Math.min(rest.length, quotedLength));
  const message = messageOf(noJson);
  return new SyntaxError(message.replace(/#+/g, (run) => rest.slice(0, run.length)));
}

function messageOf(noJson: string): string {
  try {
    JSON.parse(noJson);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

/** What `JSON.parse` or a reviver threw, with the line and column in the message where Node gives none. */
export function withPosition(error: unknown, text: string): Error {
  if (typeof error !== 'object' || error === null) return new Error(String(error));
  const { name, message } = error as Error;
  if (name !== 'SyntaxError' || / \(line \d+ column \d+\)$/.test(message)) return error as Error;
  const offset = offsetOf(message, text);
  return offset === -1 ? (error as Error) : new SyntaxError(`${message} (${lineAndColumn(text, offset)})`);
}

/** Where the error is: Node says it of some errors. -1 for an error that is not of the text, but of a reviver. */
function offsetOf(message: string, text: string): number {
  const [, offset] = / at position (\d+)$/.exec(message) ?? [];
  return offset === undefined ? findJsonError(text) : Number(offset);
}

/** Both count from 1, columns in UTF-16 units, as Node 22 says it. */
function lineAndColumn(text: string, offset: number): string {
  let line = 1;
  let lineStart = 0;
  for (const { 0: end, index } of text.slice(0, offset).matchAll(/\r\n|\n|\r/g)) {
    line += 1;
    lineStart = index + end.length;
  }
  return `line ${line} column ${offset - lineStart + 1}`;
}
