import { lines, PipeReader, readJson, readLineBatches } from 'pipebody';

/** What is not understood as a limit must not become none. */
const notLimits = [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, '10' as never];

describe('limits of the formats', () => {
  test.each(notLimits)('readJson refuses the limit %p', async (limit) => {
    await expect(readJson(PipeReader.from(Buffer.from('{}')), { limit })).rejects.toThrow(RangeError);
  });

  test.each(notLimits)('readLineBatches refuses the maxLineLength %p', async (maxLineLength) => {
    const batches = readLineBatches(PipeReader.from(Buffer.from('a')), { maxLineLength });

    await expect(batches.next()).rejects.toThrow(RangeError);
  });

  test.each(notLimits)('lines() refuses the maxLineLength %p when it is made', (maxLineLength) => {
    expect(() => lines({ maxLineLength })).toThrow(RangeError);
  });

  test('readJson takes a body at its limit and refuses one byte more', async () => {
    expect(await readJson(PipeReader.from(Buffer.from('[12]')), { limit: 4 })).toEqual([12]);
    await expect(readJson(PipeReader.from(Buffer.from('[123]')), { limit: 4 })).rejects.toMatchObject({
      status: 413,
      type: 'entity.too.large',
      limit: 4,
      received: 5,
    });
  });
});
