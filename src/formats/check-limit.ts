import { noLimit } from './errors';

/** A limit that was given: a whole number, or `Infinity` for none. Anything else is a `RangeError`, never another limit. */
export function checkLimit(name: string, limit: number): number {
  if (limit === Number.POSITIVE_INFINITY || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw noLimit(name, limit);
}
