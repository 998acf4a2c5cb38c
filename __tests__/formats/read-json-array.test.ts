import { expectTypeOf } from 'expect-type';
import fc from 'fast-check';
import { PipeReader, type ReadJsonArrayOptions, readJsonArray } from 'pipebody';
import * as v from 'valibot';
import * as z from 'zod';
import { allCuts, collect, cutAt, inChunks, inPoisonedChunks, places } from '../support/in-chunks';
import { readAll } from '../support/read-all';

const read = (chunks: readonly Buffer[], options?: ReadJsonArrayOptions) =>
  collect(readJsonArray(inChunks(chunks), options));

/** What `JSON.parse` says of a text: its elements, or undefined where it is refused or no array. */
function oracle(bytes: Buffer): unknown[] | undefined {
  try {
    const value = JSON.parse(bytes.toString().replace(/^\uFEFF/, ''));
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function expectAsJsonParse(bytes: Buffer, chunks: readonly Buffer[]): Promise<void> {
  const { items, error } = await read(chunks);
  const expected = oracle(bytes);
  if (expected === undefined) expect(error).toMatchObject({ status: 400, type: 'entity.parse.failed' });
  else expect({ items, error }).toEqual({ items: expected, error: undefined });
}

/** After the arrays of JSONTestSuite (https://github.com/nst/JSONTestSuite). */
const texts = [
  ...[
    '[]',
    '[ ]',
    ' [1]\n\t\r ',
    '[1,null,true,false,-0,1e5,"a"]',
    '[[[]],{},[{}]]',
    '["\\"]\\\\",1]',
    '["a,b]","[","{"]',
  ],
  ...[
    '["\\u0041\\uD83D\\uDE00","é€😀"]',
    '[\n{"a":[1,{"b":"}"}]},\n{"c":"]"}\n]',
    '\uFEFF[1]',
    '["\\uD800"]',
    '[1.5E+3]',
  ],
  ...[
    '',
    ' ',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[,]',
    '[1,,2]',
    '[1 2]',
    '[1]]',
    '[1],',
    '[1]x',
    '[1}',
    '[{]',
    '[{"a":1]',
  ],
  ...[
    '[[1]',
    '["a',
    '["a\\',
    '["a\\"]',
    '{"a":1}',
    '1',
    'null',
    '"["',
    '[01]',
    '[1.]',
    '[+1]',
    '[NaN]',
    '[tru]',
    "['a']",
  ],
  ...[
    '["\t"]',
    '["\\x41"]',
    '[{"a":1,}]',
    '[{,}]',
    '[1}, {2]',
    '[}',
    '[]]',
    '[] []',
    '\uFEFF\uFEFF[1]',
    '[\u00a01]',
    '[1\u2028]',
  ],
  ...['[{"__proto__":1}]', '[1/**/]', '[\f1]', '["a" "b"]', '[{"a" 1}]', '[:]', '[*]', '[\\u0041]', '[""]', '["",]'],
].map((text) => Buffer.from(text));

describe('readJsonArray()', () => {
  test.each(texts.map((bytes) => [JSON.stringify(bytes.toString()), bytes]))(
    'takes %s as JSON.parse does, wherever it is cut',
    async (_text, bytes) => {
      for (const chunks of allCuts(bytes as Buffer)) await expectAsJsonParse(bytes as Buffer, chunks);
    },
  );

  test('takes any text as JSON.parse does', async () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"',
      '\\',
      '1',
      '"a"',
      '{"a":1}',
      '[2]',
      ' ',
      'é',
      'null',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), places, async (parts, cuts) => {
        const bytes = Buffer.from(`[${parts.join('')}]`);
        await expectAsJsonParse(bytes, cutAt(bytes, cuts));
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives the same elements wherever the text is cut, from memory that is used again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), places, async (values, indent, cuts) => {
        const chunks = cutAt(Buffer.from(JSON.stringify(values, null, indent)), cuts);

        const { items, error } = await collect(readJsonArray(inPoisonedChunks(chunks)));

        expect({ items, error }).toEqual({ items: JSON.parse(JSON.stringify(values)), error: undefined });
      }),
    );
  });

  test('invalid UTF-8 is read as JSON.parse reads it', async () => {
    const bytes = Buffer.concat([Buffer.from('["'), Buffer.from([0xff, 0xc3]), Buffer.from('",1]')]);

    for (const chunks of allCuts(bytes)) await expectAsJsonParse(bytes, chunks);
  });

  test('says which element is wrong and where it begins, after those before it', async () => {
    const bytes = Buffer.from(' [1, {"a":2},tru, 4]');

    for (const chunks of allCuts(bytes)) {
      const { items, error } = await read(chunks);

      expect(items).toEqual([1, { a: 2 }]);
      expect(error).toMatchObject({ status: 400, type: 'entity.parse.failed', element: 3, offset: 13, body: 'tru' });
    }
  });

  test.each<[string, object, object]>([
    ['[1, \n tru,4]', {}, { type: 'entity.parse.failed', offset: 6, body: 'tru' }],
    ['[1, ]', {}, { type: 'entity.parse.failed', offset: 4, body: '' }],
    ['[1,\t"', {}, { type: 'entity.parse.failed', offset: 4 }],
    ['[1,\r\n [[]]]', { maxDepth: 1 }, { type: 'element.too.deep', offset: 6 }],
    ['[1, "abcd"]', { maxElementLength: 4 }, { type: 'element.too.long', offset: 4 }],
    ['[1, {}]', { schema: z.number() }, { type: 'entity.schema.failed', offset: 4 }],
  ])('an element begins behind white space: %j', async (json, options, facts) => {
    for (const chunks of allCuts(Buffer.from(json))) {
      const { items, error } = await read(chunks, options);

      expect(items).toEqual([1]);
      expect(error).toMatchObject({ element: 2, ...facts });
    }
  });

  test('an element of maxElementLength bytes passes, one more is a 413 that names it', async () => {
    for (const chunks of allCuts(Buffer.from('[1,"ab",12]'))) {
      expect((await read(chunks, { maxElementLength: 4 })).items).toEqual([1, 'ab', 12]);
      expect(await read(chunks, { maxElementLength: 3 })).toMatchObject({
        items: [1],
        error: { status: 413, type: 'element.too.long', element: 2, offset: 3, limit: 3 },
      });
    }
  });

  test('an element that never ends is refused while it arrives', async () => {
    const endless = (async function* () {
      yield Buffer.from('[1,"');
      for (;;) yield Buffer.alloc(1_000, 'x');
    })();

    const { error } = await collect(readJsonArray(PipeReader.from(endless), { maxElementLength: 10_000 }));

    expect(error).toMatchObject({ status: 413, element: 2 });
  });

  test('an element of maxDepth levels passes, one more is a 400 that names it', async () => {
    for (const chunks of allCuts(Buffer.from('[1,[{"a":2}],3]'))) {
      expect((await read(chunks, { maxDepth: 2 })).items).toEqual([1, [{ a: 2 }], 3]);
      expect(await read(chunks, { maxDepth: 1 })).toMatchObject({
        items: [1],
        error: { status: 400, type: 'element.too.deep', element: 2, limit: 1 },
      });
    }
  });

  test('an element that is too long and too deep is refused for what came first, wherever the text is cut', async () => {
    for (const chunks of allCuts(Buffer.from('["a",["1234567890",[[[['))) {
      expect(await read(chunks, { maxDepth: 3, maxElementLength: 16 })).toMatchObject({
        items: ['a'],
        error: { type: 'element.too.deep', element: 2 },
      });
      expect(await read(chunks, { maxDepth: 3, maxElementLength: 15 })).toMatchObject({
        items: ['a'],
        error: { type: 'element.too.long', element: 2 },
      });
    }
  });

  test('500 levels pass, and 100,000 are refused without a deep stack', async () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

    expect((await read([nested(500)])).items).toHaveLength(1);
    expect(await read([nested(100_000)])).toMatchObject({ error: { type: 'element.too.deep' } });
  });

  test('a loop that is left leaves the reader at the first element not handed out', async () => {
    for (const chunks of allCuts(Buffer.from('[1,"a,b", 3 ]'))) {
      const reader = inChunks(chunks);
      for await (const element of readJsonArray(reader)) if (element === 'a,b') break;

      expect((await readAll(reader)).toString()).toBe(' 3 ]');
    }
  });

  test('gives what the schema makes of the elements, and names the first that does not match', async () => {
    const schema = z.object({ n: z.string().transform(Number) });
    const bytes = Buffer.from('[{"n":"1"}, {"n":"2"},{"n":3},tru]');
    expectTypeOf(readJsonArray(inChunks([]), { schema })).toEqualTypeOf<AsyncIterableIterator<{ n: number }>>();

    for (const chunks of allCuts(bytes)) {
      const { items, error } = await collect(readJsonArray(inChunks(chunks), { schema }));

      expect(items).toEqual([{ n: 1 }, { n: 2 }]);
      expect(error).toMatchObject({ status: 422, type: 'entity.schema.failed', element: 3, offset: 22, issues: [{}] });
    }
  });

  test('awaits a schema that takes its time, and ends with whatever it throws', async () => {
    const slow = v.pipeAsync(
      v.number(),
      v.checkAsync(async (value) => value < 2),
    );
    const validate = () => {
      throw undefined;
    };
    const throwing = { '~standard': { version: 1, vendor: 'test', validate } } as const;

    expect(await read([Buffer.from('[1,2]')], { schema: slow })).toMatchObject({ items: [1], error: { element: 2 } });
    await expect(readJsonArray(inChunks([Buffer.from('[1]')]), { schema: throwing }).next()).rejects.toBeUndefined();
  });

  test.each(['[{"a":1},{"__proto__":{"x":1}}]', '[{"a":1},{"constructor":{"prototype":{}}}]'])(
    'looks at the keys of %s when it is told to, wherever it is cut',
    async (text) => {
      for (const chunks of allCuts(Buffer.from(text))) {
        expect((await read(chunks)).items).toEqual(JSON.parse(text));
        expect((await read(chunks, { onProtoPoisoning: 'remove' })).items).toEqual([{ a: 1 }, {}]);
        expect(await read(chunks, { onProtoPoisoning: 'error' })).toMatchObject({
          items: [{ a: 1 }],
          error: { status: 400, type: 'entity.parse.failed', element: 2, offset: 9 },
        });
      }
    },
  );

  test('refuses what is no schema, and no way to treat keys, at once', () => {
    expect(() => readJsonArray(inChunks([]), { schema: {} as never })).toThrow(TypeError);
    expect(() => readJsonArray(inChunks([]), { onProtoPoisoning: 'no' as never })).toThrow(TypeError);
  });

  test.each([[-1], [1.5], [Number.NaN]])('refuses the limits %p at once', (limit) => {
    expect(() => readJsonArray(PipeReader.from(Buffer.from('')), { maxElementLength: limit })).toThrow(RangeError);
    expect(() => readJsonArray(PipeReader.from(Buffer.from('')), { maxDepth: limit })).toThrow(RangeError);
  });
});
