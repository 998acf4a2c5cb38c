/** A limit that was given: a whole number, or `Infinity` for none. Anything else is a `RangeError`, never another limit. */
export function checkLimit(name: string, limit: number): number {
  if (limit === Number.POSITIVE_INFINITY || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw new RangeError(`"${name}" must be a whole number of 0 or more, or Infinity; it is ${String(limit)}.`);
}
