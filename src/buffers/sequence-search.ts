import { isUint8Array } from 'node:util/types';
import type { BufferSegment } from './buffer-segment';
import type { ByteSet } from './byte-set';
import { notANeedle, outOfRange } from './errors';
import { SequencePosition } from './sequence-position';

/** What is looked for: one byte as a number, several as a `Buffer`. `TypeError` or `RangeError` for anything else. */
export function toNeedle(value: number | Uint8Array | string, name = 'value'): number | Buffer {
  if (typeof value === 'number') {
    checkByte(value, name);
    return value;
  }
  if (typeof value === 'string') {
    const code = value.length === 1 ? value.charCodeAt(0) : 128;
    return code < 128 ? code : Buffer.from(value);
  }
  if (!isUint8Array(value)) throw notANeedle(name);
  return value.length === 1 ? (value[0] as number) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Refuses what is no byte: `RangeError`. */
export function checkByte(value: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value > 255) throw outOfRange(name, value, 0, 255);
}

/** The first place of what {@link toNeedle} made, from `start` on and before the end; null when there is none. */
export function indexOfNeedle(
  needle: number | Buffer,
  start: SequencePosition,
  endSegment: BufferSegment,
  endIndex: number,
): SequencePosition | null {
  return typeof needle === 'number'
    ? indexOfByte(needle, start, endSegment, endIndex)
    : indexOfBytes(needle, start, endSegment, endIndex);
}

/** The first place of a byte from `start` on, before the end; null when there is none. */
function indexOfByte(
  byte: number,
  start: SequencePosition,
  endSegment: BufferSegment,
  endIndex: number,
): SequencePosition | null {
  let from = start.index;
  for (let { segment } = start; ; segment = segment.next as BufferSegment) {
    const end = segment === endSegment ? endIndex : segment.end;
    const index = from < end ? bytesUpTo(end, segment).indexOf(byte, from) : -1;
    if (index !== -1) return new SequencePosition(segment, index);
    if (segment === endSegment) return null;
    from = 0;
  }
}

/** The first place of a byte of the set from `start` on, before the end; null when there is none. */
export function indexOfMember(
  set: ByteSet,
  start: SequencePosition,
  endSegment: BufferSegment,
  endIndex: number,
): SequencePosition | null {
  let from = start.index;
  for (let { segment } = start; ; segment = segment.next as BufferSegment) {
    const end = segment === endSegment ? endIndex : segment.end;
    const { memory } = segment;
    for (let index = from; index < end; index += 1) {
      if (set.has(memory[index] as number)) return new SequencePosition(segment, index);
    }
    if (segment === endSegment) return null;
    from = 0;
  }
}

/** The first place of several bytes in a row, also where they lie across segments; null when there is none. */
function indexOfBytes(
  needle: Buffer,
  start: SequencePosition,
  endSegment: BufferSegment,
  endIndex: number,
): SequencePosition | null {
  if (needle.length === 0) return start;
  let from = start.index;
  for (let { segment } = start; ; segment = segment.next as BufferSegment) {
    const end = segment === endSegment ? endIndex : segment.end;
    const bytes = bytesUpTo(end, segment);
    const index = from < end ? bytes.indexOf(needle, from) : -1;
    if (index !== -1) return new SequencePosition(segment, index);
    if (segment === endSegment) return null;
    // What starts too near to the border to be whole in this segment may go on in the next ones.
    let candidate = Math.max(from, end - needle.length + 1);
    while (candidate < end) {
      candidate = bytes.indexOf(needle[0] as number, candidate);
      if (candidate === -1) break;
      if (startsWith(needle, segment, candidate, endSegment, endIndex)) return new SequencePosition(segment, candidate);
      candidate += 1;
    }
    from = 0;
  }
}

/** Whether the bytes at a place are `needle`, across segments. */
export function startsWith(
  needle: Uint8Array,
  segment: BufferSegment,
  index: number,
  endSegment: BufferSegment,
  endIndex: number,
): boolean {
  let current: BufferSegment = segment;
  for (const byte of needle) {
    while (index === (current === endSegment ? endIndex : current.end)) {
      if (current === endSegment) return false;
      current = current.next as BufferSegment;
      index = 0;
    }
    if (current.memory[index] !== byte) return false;
    index += 1;
  }
  return true;
}

/** A segment's bytes to look at. Not its `view()`, which makes a copy of borrowed ones. */
function bytesUpTo(end: number, { memory }: BufferSegment): Buffer {
  return end === memory.length ? memory : memory.subarray(0, end);
}
