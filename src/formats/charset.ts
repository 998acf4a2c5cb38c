import { StringDecoder } from 'node:string_decoder';
import type iconv from 'iconv-lite';
import type { CharsetDecoder } from './charset-decoder';
import { decodeUtf8 } from './decode-utf8';
import { WholeCharacterDecoder, wholeLengthIn } from './whole-character-decoder';

const byteOrderMark = '\uFEFF';

/**
 * Whether a whole body can be read as text by this name: UTF-8, and whatever iconv-lite knows. Base64 and hex among them
 * are no charsets, but write the bytes as text; body-parser takes them, too.
 */
export function isEncoding(name: string): boolean {
  return isUtf8(name) || loadIconv().encodingExists(name);
}

/** Whether text in this charset can be read in pieces, and written: every {@link isEncoding} but base64 and hex. */
export function isCharset(name: string): boolean {
  return isUtf8(name) || (isEncoding(name) && encodeText('\n', name).length > 0);
}

export function isUtf8(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return lowerCase === 'utf-8' || lowerCase === 'utf8';
}

/** The name by which iconv-lite knows a charset: case and punctuation do not count. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[^0-9a-z]/g, '');
}

/** A whole text, without its byte order mark unless `keepByteOrderMark` is true. Bytes that are no text become U+FFFD. */
export function decodeText(bytes: Buffer, charset: string, { keepByteOrderMark = false } = {}): string {
  if (!isUtf8(charset)) return loadIconv().decode(bytes, charset, { stripBOM: !keepByteOrderMark });
  const text = decodeUtf8(bytes);
  return !keepByteOrderMark && text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/** A decoder for text in pieces, whose byte order mark was taken off. */
export function createDecoder(charset: string): CharsetDecoder {
  if (isUtf8(charset)) return new StringDecoder('utf8');
  const decoder = loadIconv().getDecoder(charset, { stripBOM: false });
  const wholeLength = wholeLengthIn(canonicalName(charset));
  return wholeLength === undefined ? decoder : new WholeCharacterDecoder(decoder, wholeLength);
}

/** A whole text in a charset, without a byte order mark. What the charset lacks becomes a question mark. */
export function encodeText(text: string, charset: string): Buffer {
  return isUtf8(charset) ? Buffer.from(text) : loadIconv().encode(text, charset, { addBOM: false });
}

/** Encodes text that comes in pieces, cut anywhere. */
export interface CharsetEncoder {
  write(text: string): Buffer;
  /** What half of a character at the very end is worth. */
  end(): Buffer | undefined;
}

/** An encoder for another charset than UTF-8. It writes no byte order mark. */
export function createEncoder(charset: string): CharsetEncoder {
  return loadIconv().getEncoder(charset, { addBOM: false });
}

let loaded: typeof iconv | undefined;

/** Loaded when first needed: it costs 3 ms and a third of a megabyte. */
function loadIconv(): typeof iconv {
  loaded ??= require('iconv-lite') as typeof iconv;
  return loaded;
}
