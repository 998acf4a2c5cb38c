import { parse as parseQuery } from 'node:querystring';
import fc from 'fast-check';
import { readPairs } from '../../src/formats/urlencoded-pairs';

const limits = { valueCountLimit: 100, keyLengthLimit: 10, valueLengthLimit: 20 };
const unlimited = { valueCountLimit: Infinity, keyLengthLimit: Infinity, valueLengthLimit: Infinity };

function pairsOf(form: string | Buffer, charset = 'utf-8', allowed = unlimited): [string, string][] {
  const { texts } = readPairs(Buffer.from(form as string), charset, allowed);
  return Array.from({ length: texts.length / 2 }, (_, index) => [texts[2 * index] ?? '', texts[2 * index + 1] ?? '']);
}

describe('forEachPair()', () => {
  test.each([
    ['', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=x', [['', 'x']]],
    ['=', [['', '']]],
    ['a=b=c', [['a', 'b=c']]],
    ['a=1&', [['a', '1']]],
    [
      '&a=1',
      [
        ['', ''],
        ['a', '1'],
      ],
    ],
    [
      'a=1&&b=2',
      [
        ['a', '1'],
        ['', ''],
        ['b', '2'],
      ],
    ],
    ['a+b=c+d%2Be', [['a b', 'c d+e']]],
    ['%26=%3D%3d', [['&', '==']]],
    ['é=€', [['é', '€']]],
    ['a=%F0%9F%98%80', [['a', '😀']]],
    ['__proto__=1', [['__proto__', '1']]],
  ])('splits and unescapes %j', (form, pairs) => {
    expect(pairsOf(form)).toEqual(pairs);
  });

  test.each(['%', '%4', '%G1', '%u1234', '%C3', '%C0%80', '%ED%A0%80', '%41%', 'é%E9'])(
    'leaves a text with the escape %j as it was sent, but for the plus',
    (text) => {
      expect(pairsOf(`a+b%41=${text}+x&${text}=c`)).toEqual([
        ['a bA', `${text} x`],
        [text, 'c'],
      ]);
    },
  );

  test('takes escapes for characters of ISO-8859-1 where that is the charset', () => {
    expect(pairsOf(Buffer.from('a=%E9\xe9%zz%u', 'latin1'), 'ISO-8859-1')).toEqual([['a', 'éé%zz%u']]);
  });

  test('decodes other charsets first and takes escapes for UTF-8', () => {
    expect(pairsOf(Buffer.from('\ufeffa=%C3%A9é', 'utf16le'), 'utf-16')).toEqual([['a', 'éé']]);
  });

  test('drops a byte order mark', () => {
    expect(pairsOf('\ufeffa=1')).toEqual([['a', '1']]);
  });

  test.each([
    ['valueCountLimit', 'a=1&'.repeat(99), 'a=1', '&a=1', 99],
    ['keyLengthLimit', 'a=1&', '%61aaaaaaa=1', '%61aaaaaaaa=1', 1],
    ['valueLengthLimit', 'a=1&', `a=%61${'b'.repeat(17)}`, `a=%61${'b'.repeat(18)}&b`, 1],
  ])('passes exactly %s, and stops before the pair with one more', (name, before, most, tooMuch, count) => {
    const passed = readPairs(Buffer.from(before + most), 'utf-8', limits);
    const stopped = readPairs(
      Buffer.from(before + (name === 'valueCountLimit' ? most : '') + tooMuch),
      'utf-8',
      limits,
    );

    expect([passed.exceeded, passed.texts.length / 2]).toEqual([undefined, count + 1]);
    expect([stopped.exceeded, stopped.texts.length / 2]).toEqual([name, name === 'valueCountLimit' ? 100 : count]);
  });

  test('says of valid forms what node:querystring says', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const form = new URLSearchParams(pairs).toString();
        const collected: Record<string, string | string[]> = Object.create(null);
        for (const [name, value] of pairsOf(form)) {
          const before = collected[name];
          collected[name] = before === undefined ? value : [before, value].flat();
        }
        expect({ ...collected }).toEqual({ ...parseQuery(form, '&', '=', { maxKeys: 0 }) });
      }),
    );
  });
});

test.each([
  ['a broken character', 'utf-8', Buffer.from([0xed])],
  ['a character of two bytes in UTF-8', 'iso-8859-1', Buffer.from([0xe9])],
])('limits count %s as it was sent', (_name, charset, character) => {
  const form = (nameLength: number, valueLength: number) =>
    Buffer.concat([...Array(nameLength).fill(character), Buffer.from('='), ...Array(valueLength).fill(character)]);

  expect(readPairs(form(10, 20), charset, limits).exceeded).toBeUndefined();
  expect(readPairs(form(11, 20), charset, limits).exceeded).toBe('keyLengthLimit');
  expect(readPairs(form(10, 21), charset, limits).exceeded).toBe('valueLengthLimit');
  expect(readPairs(Buffer.concat([character, Buffer.from('&'.repeat(101))]), charset, limits).exceeded).toBe(
    'valueCountLimit',
  );
});
