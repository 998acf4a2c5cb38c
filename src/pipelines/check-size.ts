import { outOfRange } from '../buffers/errors';

/** Refuses what is not a whole number of at least `minimum`: `RangeError`. */
export function checkSize(name: string, value: number, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) throw outOfRange(name, value, minimum, Number.MAX_SAFE_INTEGER);
}
