import fc from 'fast-check';
import { findJsonError } from '../../src/formats/find-json-error';
import { parseJson } from '../../src/formats/parse-json';

const messageOf = (text: string): string => {
  try {
    parseJson(Buffer.from(text), { strict: false });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

/** What is wrong with a text, as Node says it. */
const nodeSays = (text: string): string | undefined => {
  try {
    JSON.parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

/** Texts that are nearly JSON: some that are, with a few characters changed. */
const nearlyJson = fc
  .record({
    text: fc.oneof(fc.json(), fc.constant('{"a": [1, -2.5e+3, true, null, "\\u00e9\\n"], "b": {}}')),
    edits: fc.array(
      fc.tuple(fc.nat(60), fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', 'x', '1', ' ', 'tru', '\\')),
      {
        maxLength: 3,
      },
    ),
  })
  .map(({ text, edits }) => edits.reduce((edited, [at, by]) => edited.slice(0, at) + by + edited.slice(at + 1), text));

describe('the position of a syntax error', () => {
  test.each([
    ['{"a":1}x', 'line 1 column 8'],
    ['{\n  "a": 1,\n  b\n}', 'line 3 column 3'],
    ['[\r\n1,\r2 3]', 'line 3 column 3'],
    ['{"a":', 'line 1 column 6'],
    ['["é😀" x]', 'line 1 column 8'],
    ['[tru]', 'line 1 column 5'],
    ['\ntru', 'line 2 column 4'],
    ['[(line 1 column 1)]', 'line 1 column 2'],
    [`[${'1,'.repeat(50_000)}]`, 'line 1 column 100002'],
    [`${'['.repeat(100_000)}`, 'line 1 column 100001'],
  ])('of %j is told', (text, position) => {
    expect(messageOf(text)).toContain(`(${position})`);
  });

  test.each(['fals', 't', ' nul'])('of %j, which is cut off, is its end', (text) => {
    expect(findJsonError(text)).toBe(text.length);
  });

  test('is found in whatever Node finds no JSON, where Node finds it', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const message = nodeSays(text);
        const [, token] = /^Unexpected token '(.)/u.exec(message ?? '') ?? [];
        const offset = findJsonError(text);
        // Inside numbers, strings and words Node says the position itself.
        if (message === undefined) expect(offset).toBe(-1);
        else if (message === 'Unexpected end of JSON input') expect(offset).toBe(text.length);
        else if (token !== undefined) expect(text.slice(offset).startsWith(token)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is looked for in one pass', () => {
    const text = `["${'\\"'.repeat(500_000)}", ${'[1,{"a":"b"}],'.repeat(50_000)} x`;

    expect(findJsonError(text)).toBe(text.length - 1);
  });
});

describe('a text', () => {
  test('is decoded the same whether it is long or short', () => {
    const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));

    fc.assert(
      fc.property(anyText, fc.constantFrom('', '\ufeff'), (piece, mark) => {
        const value = [piece, 'x'.repeat(20_000), piece];
        expect(parseJson(Buffer.from(mark + JSON.stringify(value)), {})).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 100 },
    );
  });

  test('that is no UTF-8 has U+FFFD for what is none, also where it is long', () => {
    const bytes = Buffer.concat([
      Buffer.from(`["${'é'.repeat(20_000)}`),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from('"]'),
    ]);

    expect(parseJson(bytes, {})).toEqual([`${'é'.repeat(20_000)}\ufffd\ufffd`]);
  });
});
