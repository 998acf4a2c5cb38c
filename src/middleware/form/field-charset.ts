import { isCharset } from '../../formats/charset';
import { parameterOf } from './media-type';

const utf8 = 'utf-8';

/** The charset of a text field: its own, else that of `_charset_` (RFC 7578 §4.6), else UTF-8, as for one nobody knows. */
export function fieldCharset(contentType: string | undefined, formCharset: string): string {
  return knownCharset(contentType === undefined ? undefined : parameterOf(contentType, 'charset'), formCharset);
}

/** UTF-7 is none: text in it looks like other text to whoever checks it. */
export function knownCharset(name: string | undefined, otherwise = utf8): string {
  if (name === undefined || /^utf-?7/i.test(name)) return otherwise;
  return isCharset(name) ? name : otherwise;
}
