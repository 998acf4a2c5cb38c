import fc from 'fast-check';
import { BufferSegment } from '../../src/buffers/buffer-segment';
import { ReadOnlySequence } from '../../src/buffers/read-only-sequence';
import type { SequencePosition } from '../../src/buffers/sequence-position';
import { chainOf, cutBytes, cutsInTwo, someByte, someBytes } from '../support/cut-bytes';

const runs = { numRuns: 1000 };
const sequenceOf = (...pieces: string[]) => ReadOnlySequence.from(...pieces.map((piece) => Buffer.from(piece)));
const pieces = (sequence: ReadOnlySequence) => [...sequence].map(String);

describe('ReadOnlySequence.from()', () => {
  test('keeps the pieces in their order, by reference', () => {
    const first = Buffer.from('ab');

    const sequence = ReadOnlySequence.from(first, Buffer.from('c'));
    first[0] = 0x41;

    expect(pieces(sequence)).toEqual(['Ab', 'c']);
  });

  test('takes any Uint8Array and yields Buffers over the same memory', () => {
    const memory = new Uint8Array([0, 97, 98, 0]);

    const sequence = ReadOnlySequence.from(memory.subarray(1, 3));

    expect(Buffer.isBuffer(sequence.first)).toBe(true);
    expect(sequence.first.buffer).toBe(memory.buffer);
    expect(sequence.toString()).toBe('ab');
  });

  test.each([[() => []], [() => ['']], [() => ['', '', '']]])('is empty when it is given no bytes: %#', (make) => {
    const sequence = sequenceOf(...make());

    expect(sequence).toMatchObject({ length: 0, isEmpty: true, isSingleSegment: true });
    expect([...sequence]).toEqual([]);
    expect(sequence.first).toHaveLength(0);
    expect(sequence.toBuffer()).toHaveLength(0);
    expect(sequence.getOffset(sequence.end)).toBe(0);
  });

  test('refuses what is not bytes with a TypeError', () => {
    expect(() => ReadOnlySequence.from('text' as unknown as Buffer)).toThrow(TypeError);
    expect(() => ReadOnlySequence.from([1, 2] as unknown as Buffer)).toThrow(TypeError);
  });
});

describe('ReadOnlySequence.empty', () => {
  test('has no bytes', () => {
    expect(ReadOnlySequence.empty.length).toBe(0);
    expect(ReadOnlySequence.empty.toString()).toBe('');
    expect(ReadOnlySequence.empty.slice(0).isEmpty).toBe(true);
  });
});

describe('isSingleSegment and first', () => {
  test('empty segments around one piece do not count', () => {
    const sequence = sequenceOf('', '', 'ab', '', '');

    expect(sequence.isSingleSegment).toBe(true);
    expect(sequence.first.toString()).toBe('ab');
  });

  test('several pieces are not a single segment, and first is the first of them', () => {
    const sequence = sequenceOf('', 'ab', '', 'c');

    expect(sequence.isSingleSegment).toBe(false);
    expect(sequence.first.toString()).toBe('ab');
  });

  test('a slice that ends at a border lies in a single segment', () => {
    const sequence = sequenceOf('ab', 'cd');

    expect(sequence.slice(0, 2).isSingleSegment).toBe(true);
    expect(sequence.slice(2).isSingleSegment).toBe(true);
    expect(sequence.slice(1, 3).isSingleSegment).toBe(false);
  });

  test('first of a slice holds nothing outside the slice', () => {
    expect(sequenceOf('abcd', 'ef').slice(1, 3).first.toString()).toBe('bc');
    expect(sequenceOf('abcd', 'ef').slice(1).first.toString()).toBe('bcd');
  });
});

describe('slice()', () => {
  test('counts numbers from the start of the sequence that is sliced, not of the chain', () => {
    const part = sequenceOf('ab', 'cd', 'ef').slice(1);

    expect(part.slice(2).toString()).toBe('def');
    expect(part.slice(2, 4).toString()).toBe('de');
    expect(part.getOffset(part.slice(2).start)).toBe(2);
  });

  test('takes positions, also mixed with numbers', () => {
    const sequence = sequenceOf('ab', 'cd', 'ef');
    const third = sequence.getPosition(3);

    expect(sequence.slice(third).toString()).toBe('def');
    expect(sequence.slice(0, third).toString()).toBe('abc');
    expect(sequence.slice(third, 5).toString()).toBe('de');
    expect(sequence.slice(third, sequence.end).toString()).toBe('def');
  });

  test('a position of a slice is good for the whole, and one of the whole only inside the slice', () => {
    const sequence = sequenceOf('ab', 'cd', 'ef');
    const part = sequence.slice(1, 4);

    expect(sequence.slice(part.end).toString()).toBe('ef');
    expect(part.slice(sequence.getPosition(3)).toString()).toBe('d');
    expect(() => part.slice(sequence.start)).toThrow(RangeError);
    expect(() => part.slice(0, sequence.end)).toThrow(RangeError);
  });

  test.each([
    [-1, undefined],
    [7, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    [0, 7],
    [2, 1],
    [0, Number.NaN],
    [0, 2.5],
  ])('refuses the offsets %p and %p with a RangeError', (start, end) => {
    const sequence = sequenceOf('ab', 'cd', 'ef');

    expect(() => sequence.slice(start, end)).toThrow(RangeError);
  });

  test('refuses reversed positions', () => {
    const sequence = sequenceOf('ab', 'cd');
    const reversed = { name: 'InvalidOperationError', code: 'ERR_PIPE_POSITION_REVERSED' };

    expect(() => sequence.slice(sequence.end, sequence.start)).toThrow(expect.objectContaining(reversed));
    expect(() => sequence.slice(2, sequence.getPosition(1))).toThrow(expect.objectContaining(reversed));
    expect(() => sequence.slice(sequence.getPosition(1), 0)).toThrow(RangeError);
  });

  test.each([
    ['a string', '1'],
    ['null', null],
    ['an object that looks like one', { segment: {}, index: 0 }],
  ])('refuses %s instead of a position with a TypeError', (_name, value) => {
    const sequence = sequenceOf('abc');
    const noPosition = value as unknown as SequencePosition;

    expect(() => sequence.slice(noPosition)).toThrow(TypeError);
    expect(() => sequence.slice(0, noPosition)).toThrow(TypeError);
    expect(() => sequence.getOffset(noPosition)).toThrow(TypeError);
    expect(() => sequence.getPosition(0, noPosition)).toThrow(TypeError);
  });

  test('is empty, and yields nothing, from the start of a segment to the end of the one before it', () => {
    const [first, second] = chainOf([Buffer.from('ab'), Buffer.from('cd')]) as [BufferSegment, BufferSegment];
    const { end } = new ReadOnlySequence(first, 0, first, 2);
    const sequence = new ReadOnlySequence(first, 0, second, 2);

    const nothing = sequence.slice(sequence.getPosition(2), end);

    expect(nothing.length).toBe(0);
    expect(pieces(nothing)).toEqual([]);
    expect(nothing.indexOf('c')).toBe(-1);
  });

  test('finds the place of a position whose segment was taken out of the chain by its offset', () => {
    const owner = {};
    const [first, second, out] = [0, 2, 2].map(
      (runningIndex, index) => new BufferSegment(Buffer.from('ab'), index === 2 ? 0 : 2, runningIndex, owner, 'stable'),
    ) as [BufferSegment, BufferSegment, BufferSegment];
    first.next = second;
    const sequence = new ReadOnlySequence(first, 0, second, 2);
    const { start: lost } = new ReadOnlySequence(out, 0, out, 0);

    expect(sequence.slice(lost).toString()).toBe('ab');
    expect(pieces(sequence.slice(0, lost))).toEqual(['ab']);
  });
});

describe('a foreign position', () => {
  test.each<[string, (sequence: ReadOnlySequence, foreign: SequencePosition) => unknown]>([
    ['slice(position)', (sequence, foreign) => sequence.slice(foreign)],
    ['slice(0, position)', (sequence, foreign) => sequence.slice(0, foreign)],
    ['getOffset(position)', (sequence, foreign) => sequence.getOffset(foreign)],
    ['getPosition(0, position)', (sequence, foreign) => sequence.getPosition(0, foreign)],
  ])('is refused by %s', (_name, use) => {
    const foreign = { name: 'InvalidOperationError', code: 'ERR_PIPE_POSITION_FOREIGN' };

    expect(() => use(sequenceOf('ab'), sequenceOf('ab').start)).toThrow(expect.objectContaining(foreign));
  });
});

describe('getPosition() and getOffset()', () => {
  test('the position at a border is the start of the next segment that has bytes', () => {
    const sequence = sequenceOf('ab', '', 'cd');

    const { segment, index } = sequence.getPosition(2);

    expect([segment.memory.toString(), index]).toEqual(['cd', 0]);
  });

  test('the position at the length is the end', () => {
    const sequence = sequenceOf('ab', 'cd', '');

    expect(sequence.getPosition(4)).toEqual(sequence.end);
    expect(sequence.slice(0, 3).getPosition(3)).toEqual(sequence.slice(0, 3).end);
  });

  test('offsets count from an origin when there is one', () => {
    const sequence = sequenceOf('ab', 'cd', 'ef').slice(1);
    const origin = sequence.getPosition(2);

    expect(sequence.getOffset(sequence.getPosition(2, origin))).toBe(4);
    expect(() => sequence.getPosition(4, origin)).toThrow(RangeError);
    expect(() => sequence.getPosition(-1, origin)).toThrow(RangeError);
  });

  test.each([-1, 5, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse the offset %p with a RangeError', (offset) => {
    expect(() => sequenceOf('ab', 'cd').getPosition(offset)).toThrow(RangeError);
  });

  test('a position outside the sequence is refused with a RangeError', () => {
    const sequence = sequenceOf('ab', 'cd');

    expect(() => sequence.slice(1).getOffset(sequence.start)).toThrow(RangeError);
    expect(() => sequence.slice(0, 3).getOffset(sequence.end)).toThrow(RangeError);
  });
});

describe('indexOf() and positionOf()', () => {
  test('find text and bytes that are cut at every place', () => {
    for (const sequence of cutsInTwo(Buffer.from('xx é€😀 yy'))) {
      expect(sequence.indexOf('é€😀')).toBe(3);
      expect(sequence.indexOf(Buffer.from('€'))).toBe(5);
      expect(sequence.indexOf(0xf0)).toBe(8);
      expect(sequence.getOffset(sequence.positionOf('😀') as SequencePosition)).toBe(8);
    }
  });

  test('find what lies across many segments, and start again one byte later after a beginning that led nowhere', () => {
    const sequence = sequenceOf('a', '', 'a', 'a', 'b', 'a', 'a', '', 'b', 'c');

    expect(sequence.indexOf('aab')).toBe(1);
    expect(sequence.indexOf('aabc')).toBe(4);
    expect(sequence.indexOf('aabcd')).toBe(-1);
    expect(sequenceOf('aa', 'ab').indexOf('aab')).toBe(1);
    expect(sequenceOf('xabab', 'ac').indexOf('abac')).toBe(3);
  });

  test('see nothing before the offset to start from', () => {
    const sequence = sequenceOf('ab', 'ab');

    expect(sequence.indexOf('a', 1)).toBe(2);
    expect(sequence.indexOf('ab', 3)).toBe(-1);
    expect(sequence.indexOf('a', 4)).toBe(-1);
  });

  test('see nothing outside the slice, though the chain goes on', () => {
    const part = sequenceOf('ab', 'cd', 'ef').slice(1, 3);

    expect(part.indexOf('a')).toBe(-1);
    expect(part.indexOf('cd')).toBe(-1);
    expect(part.indexOf('d')).toBe(-1);
    expect(part.positionOf('d')).toBeNull();
  });

  test('find nothing at all, an empty value, where they start', () => {
    expect(sequenceOf('ab', 'cd').indexOf('')).toBe(0);
    expect(sequenceOf('ab', 'cd').indexOf(new Uint8Array(0), 3)).toBe(3);
    expect(ReadOnlySequence.empty.indexOf('')).toBe(0);
  });

  test('refuse what is no byte and no offset with a RangeError, other things with a TypeError', () => {
    const sequence = sequenceOf('ab');

    for (const value of [-1, 256, 1.5, Number.NaN]) expect(() => sequence.indexOf(value)).toThrow(RangeError);
    for (const from of [-1, 3, 0.5]) expect(() => sequence.indexOf('a', from)).toThrow(RangeError);
    expect(() => sequence.positionOf(null as unknown as string)).toThrow(TypeError);
  });
});

describe('at()', () => {
  test('gives the byte at an offset of this sequence, and undefined outside', () => {
    const part = sequenceOf('ab', '', 'cd', 'e').slice(1, 4);

    expect([0, 1, 2].map((offset) => part.at(offset))).toEqual([...Buffer.from('bcd')]);
    expect([-1, 3, 0.5, Number.NaN].map((offset) => part.at(offset))).toEqual(Array(4).fill(undefined));
  });

  test('gives the same in any order of offsets', () => {
    const sequence = sequenceOf('a', 'b', 'c', 'd');

    expect([3, 0, 2, 1, 3].map((offset) => sequence.at(offset))).toEqual([...Buffer.from('dacbd')]);
  });
});

describe('copyTo()', () => {
  test('fills the front of the destination and gives the number of bytes', () => {
    const destination = Buffer.alloc(5, '.');

    const count = sequenceOf('ab', '', 'c').copyTo(destination);

    expect(count).toBe(3);
    expect(destination.toString()).toBe('abc..');
  });

  test('refuses a destination that is too small before it copies anything', () => {
    const destination = Buffer.alloc(2, '.');

    expect(() => sequenceOf('ab', 'c').copyTo(destination)).toThrow(RangeError);
    expect(destination.toString()).toBe('..');
    expect(() => sequenceOf('ab').copyTo([] as unknown as Buffer)).toThrow(TypeError);
  });
});

describe('toBuffer() and toStableBuffer()', () => {
  test('toBuffer gives the very segment where there is one, a copy where there are several', () => {
    const memory = Buffer.from('ab');
    const copy = ReadOnlySequence.from(memory, Buffer.from('c')).toBuffer();

    memory[0] = 0x41;

    expect(ReadOnlySequence.from(memory).toBuffer()).toBe(memory);
    expect(copy.toString()).toBe('abc');
  });

  test('toStableBuffer and chunks copy memory that is used again, and only that', () => {
    const memory = Buffer.from('ab');
    const lent = new BufferSegment(memory, 2, 0, {}, 'reused');
    const sequence = new ReadOnlySequence(lent, 0, lent, 2);

    expect(sequence.toStableBuffer()).toEqual(memory);
    expect(sequence.toStableBuffer()).not.toBe(memory);
    expect([...sequence.chunks()][0]).not.toBe(memory);
    expect(ReadOnlySequence.from(memory).toStableBuffer()).toBe(memory);
    expect([...ReadOnlySequence.from(memory).chunks()][0]).toBe(memory);
  });
});

describe('memory that is borrowed from a caller', () => {
  test('is copied when it is handed out, and not by looking at it', () => {
    const memory = Buffer.from('ab');
    const borrowed = new BufferSegment(memory, 2, 0, {}, 'borrowed');
    const sequence = new ReadOnlySequence(borrowed, 0, borrowed, 2);

    expect([sequence.indexOf('b'), sequence.indexOf('ab'), sequence.at(1)]).toEqual([1, 0, memory[1]]);
    expect(borrowed.memory).toBe(memory);
    expect(sequence.first).toEqual(memory);
    expect(sequence.first).not.toBe(memory);
  });
});

describe('toString()', () => {
  test('is right for text that is cut at every byte', () => {
    for (const sequence of cutsInTwo(Buffer.from('aé€😀z'))) expect(sequence.toString()).toBe('aé€😀z');
    for (const sequence of cutsInTwo(Buffer.from('aé€😀z', 'utf16le'))) {
      expect(sequence.toString('utf16le')).toBe('aé€😀z');
    }
  });
});

describe('memory that was given back', () => {
  test('is refused by everything that would read it, while lengths and offsets stay known', () => {
    const [first, second] = chainOf([Buffer.from('ab'), Buffer.from('cd')]) as [BufferSegment, BufferSegment];
    const sequence = new ReadOnlySequence(first, 0, second, 2);
    const released = expect.objectContaining({ name: 'InvalidOperationError', code: 'ERR_PIPE_BUFFER_RELEASED' });

    first.release();

    for (const read of [
      () => sequence.toString(),
      () => sequence.first,
      () => sequence.at(0),
      () => sequence.indexOf('c'),
      () => [...sequence],
    ]) {
      expect(read).toThrow(released);
    }
    expect(sequence.length).toBe(4);
    expect(sequence.slice(2).toString()).toBe('cd');
  });
});

describe('any bytes, cut anywhere, are the same as in one piece', () => {
  test('length, first, segments and copies', () => {
    fc.assert(
      fc.property(cutBytes, ({ sequence, joined }) => {
        const segments = [...sequence];
        const copy = Buffer.alloc(joined.length);

        expect(segments.every((segment) => segment.length > 0)).toBe(true);
        expect(Buffer.concat(segments)).toEqual(joined);
        expect(Buffer.concat([...sequence.chunks()])).toEqual(joined);
        expect([sequence.length, sequence.isEmpty]).toEqual([joined.length, joined.length === 0]);
        expect(sequence.isSingleSegment).toBe(segments.length < 2);
        expect(sequence.first).toEqual(segments[0] ?? Buffer.alloc(0));
        expect(sequence.copyTo(copy)).toBe(joined.length);
        expect([copy, sequence.toBuffer(), sequence.toStableBuffer()]).toEqual([joined, joined, joined]);
      }),
      runs,
    );
  });

  test('slices by numbers, by positions and by both', () => {
    fc.assert(
      fc.property(cutBytes, fc.nat(50), fc.nat(50), ({ sequence, joined }, first, second) => {
        const [from, to] = [first, second].map((n) => n % (joined.length + 1)).sort((a, b) => a - b) as [
          number,
          number,
        ];
        const [start, end] = [sequence.getPosition(from), sequence.getPosition(to)];
        const part = joined.subarray(from, to);

        const slices = [sequence.slice(from, to), sequence.slice(start, end), sequence.slice(start, to)];
        const nested = sequence.slice(from).slice(0, end);

        for (const slice of [...slices, nested]) expect(Buffer.concat([...slice])).toEqual(part);
        expect(sequence.slice(start).toBuffer()).toEqual(joined.subarray(from));
        expect(sequence.getOffset(nested.start)).toBe(nested.isEmpty ? to : from);
      }),
      runs,
    );
  });

  test('indexOf and positionOf of a byte, of bytes and of text', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'é', '😀'), { minLength: 1, maxLength: 3 })
      .map((all) => all.join(''));
    const needle = fc.oneof(someByte, someBytes(1, 5), text);
    fc.assert(
      fc.property(cutBytes, needle, fc.nat(50), ({ sequence, joined }, value, anyFrom) => {
        const from = anyFrom % (joined.length + 1);
        const position = sequence.positionOf(value);

        expect(sequence.indexOf(value, from)).toBe(joined.indexOf(value, from));
        expect(position === null ? -1 : sequence.getOffset(position)).toBe(joined.indexOf(value));
      }),
      runs,
    );
  });

  test('indexOf of bytes that are there', () => {
    const few = fc.array(fc.constantFrom(...Buffer.from('ab')), { maxLength: 5 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.array(few, { maxLength: 8 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 6 }),
        (segments, start, length) => {
          const joined = Buffer.concat(segments);
          const from = start % Math.max(1, joined.length);
          const value = joined.subarray(from, from + length);

          expect(ReadOnlySequence.from(...segments).indexOf(value)).toBe(joined.indexOf(value));
        },
      ),
      runs,
    );
  });

  test('at, getPosition and getOffset, in any order', () => {
    fc.assert(
      fc.property(cutBytes, fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 10 }), (cut, pairs) => {
        const { sequence, joined } = cut;
        for (const [first, second] of pairs) {
          const offset = first % (joined.length + 1);
          const more = second % (joined.length - offset + 1);
          const position = sequence.getPosition(more, sequence.getPosition(offset));

          expect(sequence.at(offset)).toBe(joined[offset]);
          expect(sequence.getOffset(position)).toBe(offset + more);
          expect(sequence.slice(position).first[0]).toBe(joined[offset + more]);
        }
      }),
      runs,
    );
  });

  test('toString in every encoding', () => {
    const encoding = fc.constantFrom<BufferEncoding>(
      'utf8',
      'utf16le',
      'latin1',
      'ascii',
      'hex',
      'base64',
      'base64url',
    );
    fc.assert(
      fc.property(cutBytes, encoding, ({ sequence, joined }, name) => {
        expect(sequence.toString(name)).toBe(joined.toString(name));
        expect(`${sequence}`).toBe(joined.toString());
      }),
      runs,
    );
  });
});
