import { isUtf8 } from 'node:buffer';

const forbidden = ['\0', '\r', '\n'];

/**
 * A value of RFC 8187, `charset'language'escaped`, such as `UTF-8''na%C3%AFve.txt`. Undefined when it cannot be decoded
 * as UTF-8 or ISO-8859-1, or would bring a line end or NUL in.
 */
export function decodeExtendedValue(value: string): string | undefined {
  const charsetEnd = value.indexOf("'");
  const languageEnd = value.indexOf("'", charsetEnd + 1);
  if (charsetEnd === -1 || languageEnd === -1) return undefined;
  const charset = value.slice(0, charsetEnd).toLowerCase();
  const bytes = unescapeBytes(value.slice(languageEnd + 1));
  const text = bytes && decode(bytes, charset);
  return forbidden.some((character) => text?.includes(character)) ? undefined : text;
}

function decode(bytes: Buffer, charset: string): string | undefined {
  if (charset === 'utf-8') return isUtf8(bytes) ? bytes.toString() : undefined;
  return charset === 'iso-8859-1' ? bytes.toString('latin1') : undefined;
}

function unescapeBytes(text: string): Buffer | undefined {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const escaped = text[index] === '%' ? text.slice(index + 1, index + 3) : undefined;
    if (escaped === undefined) {
      const code = text.charCodeAt(index);
      if (code > 127) return undefined;
      bytes.push(code);
      continue;
    }
    if (!/^[0-9a-f]{2}$/i.test(escaped)) return undefined;
    bytes.push(Number.parseInt(escaped, 16));
    index += 2;
  }
  return Buffer.from(bytes);
}
