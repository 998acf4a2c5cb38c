const slots = 256;
/** V8 makes a slice of this length a copy; a longer one would keep the text of its whole form alive. */
const longestName = 12;

const names: string[] = Array.from({ length: slots }, () => '');

/**
 * A part of `text`, which `memory` has in ASCII: the very string that it was in an earlier form. V8 knows such a one as
 * the key of an object, a new one it must look up.
 */
export function knownName(text: string, memory: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0 || length > longestName) return text.slice(start, end);
  const slot = slotOf(memory, start, end);
  const known = names[slot] as string;
  if (isSame(known, memory, start, end)) return known;
  const name = text.slice(start, end);
  names[slot] = name;
  return name;
}

/** Names of one form differ most in how they end: `field1`, `field2`. */
function slotOf(memory: Buffer, start: number, end: number): number {
  const first = memory[start] as number;
  const last = memory[end - 1] as number;
  const beforeLast = end - start > 1 ? (memory[end - 2] as number) : 0;
  const middle = memory[(start + end) >> 1] as number;
  return (end - start + first * 5 + last * 3 + middle * 7 + beforeLast * 41) & (slots - 1);
}

function isSame(name: string, memory: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (name.charCodeAt(index) !== memory[start + index]) return false;
  }
  return true;
}
