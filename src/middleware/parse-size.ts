import { noSize } from './errors';

const units = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1_024],
  ['kib', 1_024],
  ['mb', 1_024 ** 2],
  ['mib', 1_024 ** 2],
  ['gb', 1_024 ** 3],
  ['gib', 1_024 ** 3],
  ['tb', 1_024 ** 4],
  ['tib', 1_024 ** 4],
  ['pb', 1_024 ** 5],
  ['pib', 1_024 ** 5],
]);

/**
 * A size in bytes from a number or from text such as `'100kb'`, `'5 MiB'`, `'1.5gb'` (powers of 1,024, as body-parser).
 *
 * Anything else is a `TypeError`: a limit that is not understood must not become another limit, or none.
 */
export function parseSize(name: string, size: number | string): number {
  const bytes = typeof size === 'string' ? textToBytes(size) : size;
  if (typeof bytes === 'number' && Number.isFinite(bytes) && bytes >= 0) return Math.floor(bytes);
  throw noSize(name, size);
}

function textToBytes(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(text) ?? [];
  return Number(digits) * (units.get(unit?.toLowerCase() ?? '') ?? Number.NaN);
}
