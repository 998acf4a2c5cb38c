import type { ReadOnlySequence } from '../buffers/read-only-sequence';

/** A line begun before, and what is looked at in one go. */
const longest = 65_536;

let memory: Buffer | undefined;

/**
 * The bytes of a sequence in one piece, good until the next call. New memory for those of several segments would take
 * ten times as long as to copy them (32 KiB, Node 20).
 */
export function joinBriefly(sequence: ReadOnlySequence): Buffer {
  if (sequence.isSingleSegment || sequence.length > longest) return sequence.toBuffer();
  memory ??= Buffer.allocUnsafeSlow(longest);
  return memory.subarray(0, sequence.copyTo(memory));
}
