import { expectTypeOf } from 'expect-type';
import fc from 'fast-check';
import { PipeReader, readJsonLines } from 'pipebody';
import * as z from 'zod';
import { allCuts, collect, cutAt, inChunks, places } from '../support/in-chunks';
import { readAll } from '../support/read-all';

/** The values, and the number of the line that is refused. */
function parseEach(text: string, skipEmpty: boolean): { items: unknown[]; line?: number } {
  const items: unknown[] = [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    if (skipEmpty && line.trim() === '') continue;
    try {
      items.push(JSON.parse(line));
    } catch {
      return { items, line: index + 1 };
    }
  }
  return { items };
}

describe('readJsonLines()', () => {
  test('gives the same values wherever the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.constantFrom('\n', '\r\n'), places, async (texts, eol, cuts) => {
        const bytes = Buffer.from(texts.map((text) => text + eol).join(''));

        const { items, error } = await collect(readJsonLines(inChunks(cutAt(bytes, cuts))));

        expect(error).toBeUndefined();
        expect(items).toEqual(texts.map((text) => JSON.parse(text)));
      }),
    );
  });

  test('refuses a line that is no JSON with its number, after the values before it, and leaves the reader at it', async () => {
    const bytes = Buffer.from('{"a":1}\r\n[2]\n{"b":\n3\n');

    for (const chunks of allCuts(bytes)) {
      const reader = inChunks(chunks);
      const { items, error } = await collect(readJsonLines(reader));

      expect(items).toEqual([{ a: 1 }, [2]]);
      expect(error).toMatchObject({ status: 400, type: 'entity.parse.failed', line: 3, body: '{"b":' });
      expect((await readAll(reader)).toString()).toBe('{"b":\n3\n');
    }
  });

  test.each([
    '{"a":1},{"b":[{}\n{}]}\n',
    '{"a":1} ,\t{"b":[{}\n{}]}\n',
    '{"a":1}\r,\r{"b":[{}\n{}]}',
    '1,2\n[3\n4]\n',
    '1],[2\n',
    '{}],[{}\n',
    '{},\n{}\n',
    ',{}\n{}\n',
    '{"a":"\n"}\n{},{}\n',
    '[{}\n{}]\n{},{}\n',
  ])('refuses %j, whose lines are JSON only together', async (text) => {
    const bytes = Buffer.from(text);

    for (const chunks of allCuts(bytes)) {
      const { items, error } = await collect(readJsonLines(inChunks(chunks)));

      expect(items).toEqual([]);
      expect(error).toMatchObject({ status: 400, line: 1 });
    }
  });

  test('takes and refuses lines as JSON.parse does, one by one', async () => {
    const part = fc.constantFrom(
      '{"a":1}',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"a"',
      '"',
      ':',
      '\n',
      '\r\n',
      ' ',
      '[{}]',
      '1',
      '\\',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 14 }), fc.boolean(), places, async (parts, skipEmpty, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const reader = inChunks(cutAt(bytes, cuts));

        const { items, error } = await collect(readJsonLines(reader, { skipEmpty }));

        const expected = parseEach(bytes.toString(), skipEmpty);
        expect({ items, line: (error as { line?: number } | undefined)?.line }).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a loop that is left leaves the reader at the next line, whatever the lines are', async () => {
    const line = fc.constantFrom('{"a":1}', '{"b":[{},{}]}', '[{}]', '2', '"é"');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.nat(10), places, async (lines, extra, cuts) => {
        const count = 1 + (extra % lines.length);
        const reader = inChunks(cutAt(Buffer.from(lines.map((text) => `${text}\n`).join('')), cuts));
        let left = count;

        for await (const _value of readJsonLines(reader)) if (--left === 0) break;

        expect((await readAll(reader)).toString()).toBe(
          lines
            .slice(count)
            .map((text) => `${text}\n`)
            .join(''),
        );
      }),
    );
  });

  test('a line of maxLineLength bytes passes, one more is a 413 with its number', async () => {
    for (const chunks of allCuts(Buffer.from('{"a":1}\r\n{"b":12}\n{}'))) {
      expect((await collect(readJsonLines(inChunks(chunks), { maxLineLength: 8 }))).items).toHaveLength(3);
      expect(await collect(readJsonLines(inChunks(chunks), { maxLineLength: 7 }))).toMatchObject({
        items: [{ a: 1 }],
        error: { status: 413, line: 2 },
      });
    }
  });

  test('refuses an empty line, unless it is told to leave them out', async () => {
    const bytes = Buffer.from('1\n \t\r\n\n2\n\n');

    const strict = await collect(readJsonLines(PipeReader.from(bytes)));
    expect(strict).toMatchObject({ items: [1], error: { status: 400, line: 2 } });
    for (const chunks of allCuts(bytes)) {
      expect(await collect(readJsonLines(inChunks(chunks), { skipEmpty: true }))).toEqual({ items: [1, 2] });
    }
  });

  test('leaves the reader at the line of the first value that was not handed out', async () => {
    const bytes = Buffer.from('\n1\n\n2\n\n3\n');

    for (const chunks of allCuts(bytes)) {
      const reader = inChunks(chunks);
      for await (const value of readJsonLines(reader, { skipEmpty: true })) if (value === 2) break;

      const rest = (await readAll(reader)).toString();
      expect(rest.trimStart()).toBe('3\n');
    }
  });

  test('gives what the schema makes of the values, and refuses the first that does not match', async () => {
    const schema = z.object({ n: z.string().transform(Number) });
    const values = readJsonLines(PipeReader.from(Buffer.from('{"n":"1"}\n{"n":"2"}\n{"n":3}\n')), { schema });
    expectTypeOf(values).toEqualTypeOf<AsyncIterableIterator<{ n: number }>>();

    const { items, error } = await collect(values);

    expect(items).toEqual([{ n: 1 }, { n: 2 }]);
    expect(error).toMatchObject({ status: 422, type: 'entity.schema.failed', line: 3, issues: [{ path: ['n'] }] });
  });

  test('awaits a schema that takes its time', async () => {
    const schema = z.number().refine(async (value) => value < 3);

    const { items, error } = await collect(readJsonLines(PipeReader.from(Buffer.from('1\n2\n3\n')), { schema }));

    expect(items).toEqual([1, 2]);
    expect(error).toMatchObject({ status: 422, line: 3 });
  });

  test('ends with whatever a schema throws, were it undefined', async () => {
    const validate = (value: unknown) => {
      if (value === 2) throw undefined;
      return { value };
    };
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    const values = readJsonLines(PipeReader.from(Buffer.from('1\n2\n3\n')), { schema });

    expect(await values.next()).toEqual({ done: false, value: 1 });
    await expect(values.next()).rejects.toBeUndefined();
  });

  test('looks at the keys when it is told to', async () => {
    const read = (onProtoPoisoning?: 'error' | 'remove') => {
      const reader = PipeReader.from(Buffer.from('{"a":1}\n{"__proto__":{"x":1}}\n'));
      return collect(readJsonLines(reader, onProtoPoisoning && { onProtoPoisoning }));
    };

    expect((await read()).items).toEqual([{ a: 1 }, JSON.parse('{"__proto__":{"x":1}}')]);
    expect((await read('remove')).items).toEqual([{ a: 1 }, {}]);
    expect(await read('error')).toMatchObject({ items: [{ a: 1 }], error: { status: 400, line: 2 } });
  });

  test('refuses what is no schema at once', () => {
    expect(() => readJsonLines(PipeReader.from(Buffer.from('')), { schema: {} as never })).toThrow(TypeError);
  });
});
