import fc from 'fast-check';
import { BufferSegment } from '../../src/buffers/buffer-segment';
import { ReadOnlySequence } from '../../src/buffers/read-only-sequence';
import { SequenceReader } from '../../src/buffers/sequence-reader';
import { chainOf, cutBytes, cutsInTwo, someByte, someBytes } from '../support/cut-bytes';

const backslash = 0x5c;
const sequenceOf = (...pieces: string[]) => ReadOnlySequence.from(...pieces.map((piece) => Buffer.from(piece)));
const readerOf = (...pieces: string[]) => new SequenceReader(sequenceOf(...pieces));
const code = (character: string) => character.charCodeAt(0);

/** Whether a reader stands where it should, told by every member that says so. */
function expectAt(reader: SequenceReader, consumed: number, unread: string): void {
  expect([reader.consumed, reader.remaining, reader.end]).toEqual([consumed, unread.length, unread === '']);
  expect(reader.unreadSequence.toString()).toBe(unread);
  expect(reader.sequence.getOffset(reader.position)).toBe(consumed);
  expect(reader.sequence.slice(reader.position).toString()).toBe(unread);
}

describe('a new SequenceReader', () => {
  test('stands at the first byte, behind empty segments', () => {
    const reader = readerOf('', '', 'ab', 'c');

    expectAt(reader, 0, 'abc');
    expect(reader.length).toBe(3);
    expect(reader.position).toEqual(reader.sequence.start);
  });

  test.each([[[]], [['']], [['', '']]])('is at the end when there are no bytes: %j', (pieces) => {
    const reader = readerOf(...pieces);

    expectAt(reader, 0, '');
    expect(reader.position).toEqual(reader.sequence.end);
    expect([reader.tryPeek(), reader.tryRead(), reader.tryReadInt16LE()]).toEqual([undefined, undefined, undefined]);
  });

  test('counts from the start of a slice', () => {
    const reader = new SequenceReader(sequenceOf('ab', 'cd', 'ef').slice(1, 4));

    reader.advance(2);

    expectAt(reader, 2, 'd');
  });

  test('refuses what is no sequence with a TypeError', () => {
    expect(() => new SequenceReader(Buffer.from('ab') as unknown as ReadOnlySequence)).toThrow('"sequence" must be');
  });
});

describe('tryRead()', () => {
  test('gives byte after byte across segments, then undefined without moving', () => {
    const reader = readerOf('', 'a', '', 'bc', '');
    const read = Array.from({ length: 5 }, () => reader.tryRead());

    expect(read).toEqual([code('a'), code('b'), code('c'), undefined, undefined]);
    expectAt(reader, 3, '');
    expect(reader.position).toEqual(reader.sequence.end);
  });
});

describe('tryPeek()', () => {
  test('counts from the cursor and does not move it', () => {
    const reader = readerOf('ab', '', 'cd', 'e');
    reader.advance(1);

    const peeked = [0, 3, 1, 2, 0, 4].map((offset) => reader.tryPeek(offset));

    expect(peeked).toEqual([...Buffer.from('becdb'), undefined]);
    expectAt(reader, 1, 'bcde');
  });

  test('sees the right bytes after the cursor moved over the place looked at, and back', () => {
    const reader = readerOf('ab', 'cd', 'ef');
    reader.tryPeek(4);
    reader.advance(6);
    reader.rewind(5);

    expect([reader.tryPeek(), reader.tryPeek(2)]).toEqual([code('b'), code('d')]);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the offset %p with a RangeError', (offset) => {
    expect(() => readerOf('ab').tryPeek(offset)).toThrow(RangeError);
  });
});

describe('advance(), advanceToEnd() and rewind()', () => {
  test('move across segments and stop at a byte, never at the end of a segment', () => {
    const reader = readerOf('ab', '', 'cd');

    reader.advance(2);

    expectAt(reader, 2, 'cd');
    expect(reader.position).toEqual(reader.sequence.getPosition(2));
  });

  test('advance to the end is allowed, and advanceToEnd may be repeated', () => {
    const reader = readerOf('ab', 'c', '');
    reader.advance(3);
    expectAt(reader, 3, '');

    reader.rewind(2);
    reader.advanceToEnd();
    reader.advanceToEnd();

    expectAt(reader, 3, '');
    expect(reader.position).toEqual(reader.sequence.end);
  });

  test('rewind goes back over borders and empty segments, down to the start of a slice', () => {
    const reader = new SequenceReader(sequenceOf('ab', '', 'cd', '', 'ef').slice(1));
    reader.advanceToEnd();

    reader.rewind(2);
    expectAt(reader, 3, 'ef');
    reader.rewind(1);
    expectAt(reader, 2, 'def');
    reader.rewind(2);
    expectAt(reader, 0, 'bcdef');
  });

  test('rewind to a border makes the first byte behind it the next one', () => {
    const reader = readerOf('ab', '', 'cd');
    reader.advance(3);

    reader.rewind(1);

    expect(reader.position).toEqual(reader.sequence.getPosition(2));
    expect(reader.tryRead()).toBe(code('c'));
  });

  test('rewind(0) and advance(0) change nothing', () => {
    const reader = readerOf('ab', 'c');
    reader.advance(2);

    reader.rewind(0);
    reader.advance(0);

    expectAt(reader, 2, 'c');
  });

  test.each([-1, 3, 0.5, Number.NaN])('refuse the count %p with a RangeError and leave the cursor', (count) => {
    const reader = readerOf('ab', 'cd');
    reader.advance(2);

    expect(() => reader.advance(count)).toThrow(RangeError);
    expect(() => reader.rewind(count)).toThrow(RangeError);

    expectAt(reader, 2, 'cd');
  });
});

describe('tryReadTo()', () => {
  test('gives what lies before the delimiter and moves behind it', () => {
    const reader = readerOf('ab', 'c\nd', 'e');

    expect(reader.tryReadTo('\n')?.toString()).toBe('abc');
    expectAt(reader, 4, 'de');
  });

  test('stays before the delimiter with advancePastDelimiter: false', () => {
    const reader = readerOf('ab', '\r', '\nc');

    expect(reader.tryReadTo('\r\n', { advancePastDelimiter: false })?.toString()).toBe('ab');
    expectAt(reader, 2, '\r\nc');
  });

  test('finds bytes and text that are cut at every place', () => {
    const bytes = Buffer.from('ab€😀cd');
    for (const delimiter of ['€😀', Buffer.from('€😀')]) {
      for (const sequence of cutsInTwo(bytes)) {
        const reader = new SequenceReader(sequence);

        expect(reader.tryReadTo(delimiter)?.toString()).toBe('ab');
        expect(reader.unreadSequence.toString()).toBe('cd');
      }
    }
  });

  test('gives an empty sequence for a delimiter that is next, also at a border', () => {
    const reader = readerOf('\n', '\n', 'a');
    const lines = [reader.tryReadTo('\n'), reader.tryReadTo('\n'), reader.tryReadTo('\n')];

    expect(lines.map((line) => line?.length)).toEqual([0, 0, undefined]);
    expectAt(reader, 2, 'a');
  });

  test('gives undefined and leaves the cursor when there is no delimiter', () => {
    const reader = readerOf('ab', 'c\r', 'd');
    reader.advance(1);

    for (const delimiter of [code('\n'), '\r\n', Buffer.from('da')]) {
      expect(reader.tryReadTo(delimiter)).toBeUndefined();
      expectAt(reader, 1, 'bc\rd');
    }
  });

  test('does not look behind the end of the sequence, though the chain goes on', () => {
    const part = sequenceOf('ab\r', '\ncd').slice(0, 3);

    expect(new SequenceReader(part).tryReadTo('\r\n')).toBeUndefined();
    expect(new SequenceReader(part).tryReadTo('\n')).toBeUndefined();
  });

  test('tries again one byte later after a beginning that led nowhere', () => {
    for (const reader of [readerOf('a', 'a', 'a', 'b', 'c'), readerOf('aa', 'ab', 'c'), readerOf('aaa', 'bc')]) {
      expect(reader.tryReadTo('aab')?.toString()).toBe('a');
      expectAt(reader, 4, 'c');
    }
  });

  test('finds an empty delimiter at once', () => {
    const reader = readerOf('ab');

    expect(reader.tryReadTo('')?.length).toBe(0);
    expect(reader.tryReadTo(new Uint8Array(0), { escape: backslash })?.length).toBe(0);
    expectAt(reader, 0, 'ab');
  });

  test('refuses a byte above 255 with a RangeError, another thing with a TypeError, and leaves the cursor', () => {
    const reader = readerOf('ab');

    expect(() => reader.tryReadTo(256)).toThrow(
      new RangeError('"delimiter" must be a whole number from 0 to 255; it is 256.'),
    );
    expect(() => reader.tryReadTo('a', { escape: -1 })).toThrow(RangeError);
    expect(() => reader.tryReadTo({} as unknown as string)).toThrow(TypeError);
    expectAt(reader, 0, 'ab');
  });
});

describe('tryReadTo() with an escape', () => {
  test.each([
    ['a"b', 'a', 'b'],
    ['a\\"b"c', 'a\\"b', 'c'],
    ['a\\\\"b"c', 'a\\\\', 'b"c'],
    ['a\\\\\\"b"c', 'a\\\\\\"b', 'c'],
    ['\\"\\"\\""c', '\\"\\"\\"', 'c'],
    ['\\a"b', '\\a', 'b'],
  ])('reads %j up to the first delimiter after an even number of escapes, wherever it is cut', (text, read, rest) => {
    for (const sequence of [
      ...cutsInTwo(Buffer.from(text)),
      sequenceOf(...text),
      sequenceOf(...text.split(/(?!^)/), ''),
    ]) {
      const reader = new SequenceReader(sequence);

      expect(reader.tryReadTo('"', { escape: backslash })?.toString()).toBe(read);
      expectAt(reader, read.length + 1, rest);
    }
  });

  test('gives undefined and leaves the cursor when every delimiter is escaped', () => {
    for (const sequence of cutsInTwo(Buffer.from('a\\"b\\\\\\"'))) {
      const reader = new SequenceReader(sequence);

      expect(reader.tryReadTo('"', { escape: backslash })).toBeUndefined();
      expectAt(reader, 0, 'a\\"b\\\\\\"');
    }
  });

  test('does not count escapes before the cursor', () => {
    for (const sequence of cutsInTwo(Buffer.from('\\"a"'))) {
      const reader = new SequenceReader(sequence);
      reader.advance(1);

      expect(reader.tryReadTo('"', { escape: backslash })?.length).toBe(0);
      expectAt(reader, 2, 'a"');
    }
  });

  test('holds for a delimiter of several bytes, and for one that is the escape itself', () => {
    expect(readerOf('a\\', '-', '-b--', 'c').tryReadTo('--', { escape: backslash })?.toString()).toBe('a\\--b');
    expect(
      readerOf('a"', '"b')
        .tryReadTo('"', { escape: code('"') })
        ?.toString(),
    ).toBe('a');
  });
});

describe('tryReadToAny()', () => {
  test('gives what lies before the first byte of the set', () => {
    const reader = readerOf('a', 'b;', 'c,d');

    expect(reader.tryReadToAny(',;')?.toString()).toBe('ab');
    expect(reader.tryReadToAny(Buffer.from(',;'), { advancePastDelimiter: false })?.toString()).toBe('c');
    expectAt(reader, 4, ',d');
  });

  test('takes a string as the set of its UTF-8 bytes', () => {
    const euro = Buffer.from('€');
    const reader = new SequenceReader(ReadOnlySequence.from(Buffer.from('a'), euro.subarray(1)));

    expect(reader.tryReadToAny('€')?.toString()).toBe('a');
    expect(reader.remaining).toBe(1);
  });

  test('gives undefined and leaves the cursor when none is there before the end', () => {
    const reader = new SequenceReader(sequenceOf('ab', 'c,').slice(0, 3));

    expect(reader.tryReadToAny(',;')).toBeUndefined();
    expect(reader.tryReadToAny('')).toBeUndefined();
    expectAt(reader, 0, 'abc');
  });

  test('refuses what is neither bytes nor a string with a TypeError', () => {
    const number = 44 as unknown as string;

    expect(() => readerOf('a').tryReadToAny(number)).toThrow('"delimiters"');
    expect(() => readerOf('a').tryAdvanceToAny(number)).toThrow(TypeError);
    expect(() => readerOf('a').advancePastAny(number)).toThrow('"values"');
  });

  test('tells sets apart that are made from one array whose bytes change', () => {
    const set = Buffer.from('x');
    expect(readerOf('a,x').tryReadToAny(set)?.toString()).toBe('a,');

    set.write(',');

    expect(readerOf('a,x').tryReadToAny(set)?.toString()).toBe('a');
  });

  test('goes on to know sets after very many others', () => {
    for (let n = 0; n < 200; n += 1) expect(readerOf('a', `${n};`).tryReadToAny(`,;${n}`)?.toString()).toBe('a');
    expect(readerOf('a1;').tryReadToAny(',;')?.toString()).toBe('a1');
  });
});

describe('tryReadExact()', () => {
  test('gives that many bytes across segments and moves behind them', () => {
    const reader = readerOf('ab', '', 'cd');

    expect(reader.tryReadExact(3)?.toString()).toBe('abc');
    expect(reader.tryReadExact(0)?.length).toBe(0);
    expectAt(reader, 3, 'd');
  });

  test('gives undefined and leaves the cursor when there are too few', () => {
    const reader = readerOf('ab', 'cd');
    reader.advance(1);

    expect(reader.tryReadExact(4)).toBeUndefined();
    expectAt(reader, 1, 'bcd');
  });

  test.each([-1, 0.5, Number.NaN])('refuses the count %p with a RangeError', (count) => {
    expect(() => readerOf('ab').tryReadExact(count)).toThrow(RangeError);
  });
});

describe('tryAdvanceTo() and tryAdvanceToAny()', () => {
  test('move behind the delimiter, or before it when told so', () => {
    const reader = readerOf('a', ',b;', 'c\r', '\nd');

    expect(reader.tryAdvanceTo(code(','))).toBe(true);
    expectAt(reader, 2, 'b;c\r\nd');
    expect(reader.tryAdvanceToAny(';,', { advancePastDelimiter: false })).toBe(true);
    expectAt(reader, 3, ';c\r\nd');
    expect(reader.tryAdvanceTo('\r\n')).toBe(true);
    expectAt(reader, 7, 'd');
  });

  test('leave the cursor when there is no such delimiter', () => {
    const reader = readerOf('ab', 'c');
    reader.advance(1);

    expect([reader.tryAdvanceTo(','), reader.tryAdvanceTo('ca'), reader.tryAdvanceToAny(',;')]).toEqual(
      Array(3).fill(false),
    );
    expectAt(reader, 1, 'bc');
  });

  test('tryAdvanceTo takes an escape', () => {
    const reader = readerOf('a\\', ',b,c');

    expect(reader.tryAdvanceTo(',', { escape: backslash })).toBe(true);
    expectAt(reader, 5, 'c');
  });
});

describe('advancePast() and advancePastAny()', () => {
  test('move behind a run of bytes across segments and give its length', () => {
    const reader = readerOf('  ', '', ' ', '\t a ', ' ');

    expect(reader.advancePast(code(' '))).toBe(3);
    expect(reader.advancePastAny(' \t')).toBe(2);
    expect(reader.advancePastAny(Buffer.from(' \t'))).toBe(0);
    expectAt(reader, 5, 'a  ');
  });

  test('stop at the end', () => {
    const spaces = sequenceOf('a ', ' ', '  ').slice(1, 4);
    const [one, any] = [new SequenceReader(spaces), new SequenceReader(spaces)];

    expect([one.advancePast(code(' ')), any.advancePastAny(' ')]).toEqual([3, 3]);
    expectAt(one, 3, '');
    expectAt(any, 3, '');
  });

  test('skip nothing for a set of nothing, and advancePast refuses what is no byte', () => {
    expect(readerOf('ab').advancePastAny('')).toBe(0);
    expect(() => readerOf('ab').advancePast(256)).toThrow(RangeError);
  });
});

describe('isNext()', () => {
  test('compares a byte, bytes and text across segments without moving', () => {
    const reader = readerOf('x', 'a', '', 'bé', 'c');
    reader.advance(1);

    expect([code('a'), 'abé', Buffer.from('ab'), 'a'].map((value) => reader.isNext(value))).toEqual(
      Array(4).fill(true),
    );
    expect([code('b'), 'ac', 'abécd', 'x'].map((value) => reader.isNext(value))).toEqual(Array(4).fill(false));
    expect(reader.consumed).toBe(1);
  });

  test('moves behind the value with advancePast: true, and only when it is next', () => {
    const reader = readerOf('a', 'b', 'c');

    expect(reader.isNext('ac', { advancePast: true })).toBe(false);
    expectAt(reader, 0, 'abc');
    expect(reader.isNext('ab', { advancePast: true })).toBe(true);
    expectAt(reader, 2, 'c');
    expect(reader.isNext(code('c'), { advancePast: true })).toBe(true);
    expectAt(reader, 3, '');
  });

  test('is true for nothing at all, also at the end, and false for a byte there', () => {
    const reader = readerOf('a');
    reader.advanceToEnd();

    expect([reader.isNext(''), reader.isNext(new Uint8Array(0), { advancePast: true })]).toEqual([true, true]);
    expect([reader.isNext(0), reader.isNext('ab')]).toEqual([false, false]);
  });

  test('does not look behind the end of the sequence, and refuses what is no value', () => {
    const reader = new SequenceReader(sequenceOf('ab', 'c').slice(0, 2));

    expect(reader.isNext('abc')).toBe(false);
    expect(() => reader.isNext(256)).toThrow(RangeError);
    expect(() => reader.isNext(undefined as unknown as string)).toThrow(TypeError);
  });
});

describe('tryCopyTo()', () => {
  test('fills the destination without moving', () => {
    const reader = readerOf('ab', '', 'cd');
    const destination = new Uint8Array(2);
    reader.advance(1);

    expect(reader.tryCopyTo(destination)).toBe(true);
    expect(Buffer.from(destination).toString()).toBe('bc');
    expectAt(reader, 1, 'bcd');
  });

  test('copies nothing when the bytes do not fill it, and refuses what is not bytes', () => {
    const reader = readerOf('ab', 'c');
    const destination = Buffer.alloc(4, '.');

    expect(reader.tryCopyTo(destination)).toBe(false);
    expect(destination.toString()).toBe('....');
    expect(reader.tryCopyTo(Buffer.alloc(0))).toBe(true);
    expect(() => reader.tryCopyTo([1, 2, 3, 4] as unknown as Buffer)).toThrow(TypeError);
  });
});

describe('the number methods', () => {
  const bytes = Buffer.from([0x81, 0x02, 0x03, 0x84, 0x05, 0x06, 0x07, 0xf8]);

  test.each<[keyof SequenceReader, number, number | bigint]>([
    ['tryReadInt16LE', 2, bytes.readInt16LE()],
    ['tryReadInt16BE', 2, bytes.readInt16BE()],
    ['tryReadInt32LE', 4, bytes.readInt32LE()],
    ['tryReadInt32BE', 4, bytes.readInt32BE()],
    ['tryReadBigInt64LE', 8, bytes.readBigInt64LE()],
    ['tryReadBigInt64BE', 8, bytes.readBigInt64BE()],
  ])('%s reads %i bytes that are cut at every place', (method, size, value) => {
    for (const sequence of [...cutsInTwo(bytes), ReadOnlySequence.from(...[...bytes].map((byte) => Buffer.of(byte)))]) {
      const reader = new SequenceReader(sequence);

      expect((reader[method] as () => unknown).call(reader)).toBe(value);
      expect(reader.consumed).toBe(size);
    }
  });

  test.each<[keyof SequenceReader, number]>([
    ['tryReadInt16LE', 2],
    ['tryReadInt16BE', 2],
    ['tryReadInt32LE', 4],
    ['tryReadInt32BE', 4],
    ['tryReadBigInt64LE', 8],
    ['tryReadBigInt64BE', 8],
  ])('%s gives undefined and leaves the cursor when fewer than %i bytes remain', (method, size) => {
    const reader = new SequenceReader(ReadOnlySequence.from(bytes, bytes).slice(7, 7 + size));
    reader.advance(1);

    expect((reader[method] as () => unknown).call(reader)).toBeUndefined();
    expect([reader.consumed, reader.remaining]).toEqual([1, size - 1]);
  });
});

describe('memory that was given back', () => {
  test('is refused at the reading, and the cursor stays', () => {
    const [first, second] = chainOf([Buffer.from('abcd'), Buffer.from('e')]) as [BufferSegment, BufferSegment];
    const reader = new SequenceReader(new ReadOnlySequence(first, 0, second, 1));
    const released = expect.objectContaining({ code: 'ERR_PIPE_BUFFER_RELEASED' });

    first.release();

    for (const read of [() => reader.tryRead(), () => reader.tryReadTo('c'), () => reader.tryReadInt16LE()]) {
      expect(read).toThrow(released);
    }
    expect(reader.consumed).toBe(0);
  });
});

describe('the work of a reader', () => {
  /** How often segments are looked into. */
  function workOf(segmentCount: number, bytes: string, read: (reader: SequenceReader) => unknown): number {
    const reader = readerOf(...Array.from({ length: segmentCount }, () => bytes));
    const looks = jest.spyOn(BufferSegment.prototype, 'memory', 'get');
    read(reader);
    const count = looks.mock.calls.length;
    looks.mockRestore();
    return count;
  }

  test.each<[string, string, (reader: SequenceReader) => unknown]>([
    ['one tryReadTo', 'abcd', (reader) => reader.tryReadTo('\n')],
    ['one tryReadTo over escapes', '\\\\\\\\', (reader) => reader.tryReadTo('\n', { escape: backslash })],
    ['one tryReadTo over escaped delimiters', '\\"\\"', (reader) => reader.tryReadTo('"', { escape: backslash })],
    ['one tryReadToAny', 'abcd', (reader) => reader.tryReadToAny('\r\n')],
    [
      'a tryReadTo per segment',
      'abc\n',
      (reader) => {
        while (reader.tryReadTo('\n'));
      },
    ],
    [
      'a tryRead per byte',
      'abcd',
      (reader) => {
        while (reader.tryRead() !== undefined);
      },
    ],
  ])('%s: twice the segments are twice the looks', (_name, bytes, read) => {
    const [once, twice] = [workOf(100, bytes, read), workOf(200, bytes, read)];

    expect(once).toBeGreaterThanOrEqual(100);
    expect(twice / once).toBeLessThan(2.2);
  });
});

/** The same members over one Buffer, as plainly as they can be said. */
class NaiveReader {
  consumed = 0;

  constructor(readonly bytes: Buffer) {}

  get remaining() {
    return this.bytes.length - this.consumed;
  }

  get unread() {
    return this.bytes.subarray(this.consumed);
  }

  tryPeek(offset = 0) {
    if (offset < 0) throw new RangeError();
    return this.unread[offset];
  }

  tryRead() {
    return this.tryReadExact(1)?.[0];
  }

  advance(count: number) {
    if (count < 0 || count > this.remaining) throw new RangeError();
    this.consumed += count;
  }

  advanceToEnd() {
    this.consumed = this.bytes.length;
  }

  rewind(count: number) {
    if (count < 0 || count > this.consumed) throw new RangeError();
    this.consumed -= count;
  }

  tryReadTo(delimiter: number | Buffer, options: { advancePastDelimiter?: boolean; escape?: number } = {}) {
    const needle = typeof delimiter === 'number' ? Buffer.of(delimiter) : delimiter;
    for (let index = 0; index + needle.length <= this.remaining; index += 1) {
      let escapes = 0;
      while (escapes < index && this.unread[index - escapes - 1] === options.escape) escapes += 1;
      if (escapes % 2 === 1 || !this.unread.subarray(index).subarray(0, needle.length).equals(needle)) continue;
      const read = this.unread.subarray(0, index);
      this.consumed += index + (options.advancePastDelimiter === false ? 0 : needle.length);
      return read;
    }
    return undefined;
  }

  tryReadToAny(delimiters: Buffer, options: { advancePastDelimiter?: boolean } = {}) {
    const first = this.unread.find((byte) => delimiters.includes(byte));
    return first === undefined ? undefined : this.tryReadTo(first, options);
  }

  tryReadExact(count: number) {
    if (count < 0) throw new RangeError();
    if (count > this.remaining) return undefined;
    const read = this.unread.subarray(0, count);
    this.consumed += count;
    return read;
  }

  tryAdvanceTo(delimiter: number | Buffer, options?: { advancePastDelimiter?: boolean; escape?: number }) {
    return this.tryReadTo(delimiter, options) !== undefined;
  }

  tryAdvanceToAny(delimiters: Buffer, options?: { advancePastDelimiter?: boolean }) {
    return this.tryReadToAny(delimiters, options) !== undefined;
  }

  advancePast(value: number) {
    return this.advancePastAny(Buffer.of(value));
  }

  advancePastAny(values: Buffer) {
    const other = this.unread.findIndex((byte) => !values.includes(byte));
    const count = other === -1 ? this.remaining : other;
    this.consumed += count;
    return count;
  }

  isNext(value: number | Buffer, options: { advancePast?: boolean } = {}) {
    const needle = typeof value === 'number' ? Buffer.of(value) : value;
    const isNext = this.unread.subarray(0, needle.length).equals(needle);
    if (isNext && options.advancePast) this.consumed += needle.length;
    return isNext;
  }

  tryCopyTo(destination: Buffer) {
    if (destination.length > this.remaining) return false;
    this.unread.copy(destination);
    return true;
  }

  tryReadInt16LE() {
    return this.tryReadExact(2)?.readInt16LE();
  }

  tryReadInt16BE() {
    return this.tryReadExact(2)?.readInt16BE();
  }

  tryReadInt32LE() {
    return this.tryReadExact(4)?.readInt32LE();
  }

  tryReadInt32BE() {
    return this.tryReadExact(4)?.readInt32BE();
  }

  tryReadBigInt64LE() {
    return this.tryReadExact(8)?.readBigInt64LE();
  }

  tryReadBigInt64BE() {
    return this.tryReadExact(8)?.readBigInt64BE();
  }
}

type Call = readonly [string, ...unknown[]];

const option = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map((given) => ({ [name]: given })),
  );
const toOptions = fc
  .tuple(option('advancePastDelimiter', fc.boolean()), option('escape', fc.constantFrom(backslash, code('a'))))
  .map(([past, escaped]) => ({ ...past, ...escaped }));
const calls = (names: string[], ...values: fc.Arbitrary<unknown>[]): fc.Arbitrary<Call> =>
  fc.tuple(fc.constantFrom(...names), ...values) as fc.Arbitrary<Call>;
const needle = fc.oneof(someByte, someBytes(0, 4));

const anyCall = fc.oneof(
  calls(['tryPeek', 'advance', 'rewind', 'tryReadExact'], fc.integer({ min: -1, max: 12 })),
  calls(['tryRead', 'tryReadInt16LE', 'tryReadInt16BE', 'tryReadInt32LE', 'tryReadInt32BE']),
  calls(['advanceToEnd', 'tryReadBigInt64LE', 'tryReadBigInt64BE']),
  calls(['tryReadTo', 'tryAdvanceTo'], needle, toOptions),
  calls(['tryReadToAny', 'tryAdvanceToAny'], someBytes(0, 3), option('advancePastDelimiter', fc.boolean())),
  calls(['isNext'], needle, option('advancePast', fc.boolean())),
  calls(['advancePast'], someByte),
  calls(['advancePastAny'], someBytes(0, 3)),
  calls(['tryCopyTo'], fc.nat(12)),
);

/** What a call gives or throws, and how many bytes are consumed after it. */
function outcome(reader: SequenceReader | NaiveReader, [name, first, second]: Call): unknown[] {
  const destination = Buffer.alloc(12);
  const argument = name === 'tryCopyTo' ? destination.subarray(0, first as number) : first;
  try {
    const result = (reader as unknown as Record<string, (...values: unknown[]) => unknown>)[name]?.(argument, second);
    return [result instanceof ReadOnlySequence ? result.toBuffer() : result, destination, reader.consumed];
  } catch (error) {
    return [(error as Error).name, (error as Error).name === 'RangeError', reader.consumed];
  }
}

test('any series of calls over any segments gives what it gives over one piece', () => {
  fc.assert(
    fc.property(cutBytes, fc.array(anyCall, { minLength: 1, maxLength: 12 }), ({ sequence, joined }, series) => {
      const [reader, naive] = [new SequenceReader(sequence), new NaiveReader(joined)];

      for (const call of series) {
        expect(outcome(reader, call)).toEqual(outcome(naive, call));
        expect([reader.remaining, reader.end]).toEqual([naive.remaining, naive.remaining === 0]);
        expect(Buffer.concat([...reader.unreadSequence])).toEqual(naive.unread);
        const { segment, index } = sequence.getPosition(naive.consumed);
        expect([reader.position.segment === segment, reader.position.index]).toEqual([true, index]);
      }
    }),
    { numRuns: 1000 },
  );
});
