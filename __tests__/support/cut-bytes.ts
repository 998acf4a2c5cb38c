import fc from 'fast-check';
import { BufferSegment } from '../../src/buffers/buffer-segment';
import { ReadOnlySequence } from '../../src/buffers/read-only-sequence';

/** The same bytes twice: cut into segments, and in one piece. What is right for the one is right for the other. */
export interface CutBytes {
  readonly sequence: ReadOnlySequence;
  readonly joined: Buffer;
}

/** Few different bytes, so that what is looked for is often there; some of them are parts of UTF-8 characters. */
export const someByte = fc.constantFrom(...Buffer.from('aab,\\\\\né😀'));

export const someBytes = (minLength: number, maxLength: number) =>
  fc.array(someByte, { minLength, maxLength }).map((bytes) => Buffer.from(bytes));

/** A chain whose segments have room left after their bytes, filled with bytes that nobody may see. */
export function chainOf(pieces: readonly Buffer[]): BufferSegment[] {
  const owner = {};
  const chain: BufferSegment[] = [];
  for (const piece of pieces) {
    const before = chain.at(-1);
    const runningIndex = before === undefined ? 0 : before.runningIndex + before.end;
    const segment = new BufferSegment(Buffer.concat([piece, piece]), piece.length, runningIndex, owner, 'stable');
    if (before !== undefined) before.next = segment;
    chain.push(segment);
  }
  return chain;
}

/** Any part of any chain: it may begin and end at any place of a segment, and the chain may go on after it. */
export const cutBytes: fc.Arbitrary<CutBytes> = fc
  .record({
    pieces: fc.array(someBytes(0, 6), { minLength: 1, maxLength: 8 }),
    places: fc.tuple(fc.nat(1000), fc.nat(1000)),
  })
  .map(({ pieces, places }) => {
    const all = chainOf(pieces).flatMap((segment) =>
      Array.from({ length: segment.end + 1 }, (_, index) => ({ segment, index })),
    );
    const [first, last] = places.map((place) => Math.floor((place / 1001) * all.length)).sort((a, b) => a - b);
    const start = all[first as number] as (typeof all)[0];
    const end = all[last as number] as (typeof all)[0];
    return {
      sequence: new ReadOnlySequence(start.segment, start.index, end.segment, end.index),
      joined: Buffer.concat(pieces).subarray(
        start.segment.runningIndex + start.index,
        end.segment.runningIndex + end.index,
      ),
    };
  });

/** All ways to cut bytes into two. */
export const cutsInTwo = (bytes: Buffer) =>
  Array.from({ length: bytes.length + 1 }, (_, at) => ReadOnlySequence.from(bytes.subarray(0, at), bytes.subarray(at)));
