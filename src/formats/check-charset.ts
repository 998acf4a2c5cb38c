import { isCharset } from './charset';
import { unknownCharset } from './errors';

/** Refuses an option that names no charset that is known. */
export function checkCharset(option: string, value: string): void {
  if (typeof value !== 'string') throw new TypeError(`"${option}" must be the name of a charset; it is ${value}.`);
  if (!isCharset(value)) throw unknownCharset(option, value);
}
