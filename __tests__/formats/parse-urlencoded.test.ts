import fc from 'fast-check';
import qs from 'qs';
import { parseUrlencoded } from '../../src/formats/parse-urlencoded';

const settings = {
  extended: true,
  parameterLimit: 100,
  depth: 3,
  charsetSentinel: false,
  interpretNumericEntities: false,
};

/** As body-parser has qs read a form; "too deep" where it refuses it. */
function readByQs(form: string, { extended, depth }: typeof settings): unknown {
  const count = form.split('&').length;
  try {
    return qs.parse(form, {
      allowPrototypes: true,
      arrayLimit: extended ? Math.max(100, count) : count,
      depth: extended ? depth : 0,
      strictDepth: true,
    });
  } catch {
    return 'too deep';
  }
}

function read(form: string, options: typeof settings): unknown {
  try {
    return parseUrlencoded(Buffer.from(form), options, 'utf-8');
  } catch (error) {
    return (error as { type: string }).type === 'querystring.parse.rangeError' ? 'too deep' : error;
  }
}

/** With the order of its keys, and without prototypes. */
const shape = (value: unknown) => JSON.stringify(value);

function prototypesIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : [Object.getPrototypeOf(value)];
  return [...own, ...Object.values(value).flatMap(prototypesIn)];
}

describe('a form with brackets', () => {
  test.each([
    ['a[b]=1&a[c]=2&d=3&a[b]=4', { a: { b: ['1', '4'], c: '2' }, d: '3' }],
    ['a[0][n]=1&a[1][n]=2&a[0][m]=3', { a: [{ n: '1', m: '3' }, { n: '2' }] }],
    ['a[]=1&a[]=2&b[c][]=3', { a: ['1', '2'], b: { c: ['3'] } }],
    ['a%5Bb%5d=%C3%A9&x]=1', { a: { b: 'é' }, 'x]': '1' }],
    ['a[b]=]%3D', { a: { b: ']=' } }],
    ['a[0]=1&a[0]=2', { a: [['1', '2']] }],
    ['a[toString]=1&hasOwnProperty[x]=2', { a: { toString: '1' }, hasOwnProperty: { x: '2' } }],
  ])('%j is read as objects and arrays', (form, values) => {
    expect(read(form, settings)).toEqual(values);
    expect(readByQs(form, settings)).toEqual(values);
  });

  // Each is one that is left to qs, or nearly.
  test.each([
    'a[b]=1&a=2',
    'a=1&a[b]=2',
    'a=1&a[]=2',
    'a[]=1&a=2',
    'a[]=1&a[0]=2',
    'a=1&a=2&a[1]=3',
    'a[0]=1&a[]=2&a[1]=3',
    'a[0]=1&a[b]=2',
    'a[b]=1&a[0]=2',
    'a[1]=1&a[0]=2',
    'a[01]=1&a[-1]=2&a[1e1]=3',
    'a[2]=1',
    'a[99999999999999999999]=1',
    'a[][b]=1&a[][b]=2',
    'a[[b]]=1',
    'a[b=1',
    'a[b]c[d]=1',
    'a]b[c]=1',
    '[a]=1&a=2',
    '[]=1',
    '=1&[]=2',
    'a[__proto__]=1&__proto__[a]=2&__proto__=3',
    'a[b]=x]=1',
    'a=x]=1',
    'a=%5D=1&b[c]=2',
    'a[%]=1',
    'a[b]=%&c[%5B]=1',
    'a[b][c][d]=1',
    'a[b][c][d][e]=1',
    'a[b][c][d][]=1',
    'a[%255B]=1',
    'a[b]&a[c]=&&',
  ])('%j is what qs makes of it, extended or not', (form) => {
    for (const options of [settings, { ...settings, depth: 0 }, { ...settings, extended: false }]) {
      expect(shape(read(form, options))).toBe(shape(readByQs(form, options)));
    }
  });

  test('is what qs makes of it, in the same order, and has no prototypes', () => {
    const name = fc.stringMatching(/^(a|b|ab|0)?(\[(a|b|0|1|2|01|)\]){0,4}(a|\[|\]|%5B|%5d|%)?$/);
    const value = fc.constantFrom('1', '2', '', '[', ']', ']=', '%', '%5D=', '+', '%C3%A9', '%E9');
    const pair = fc.oneof({ weight: 9, arbitrary: fc.tuple(name, value).map((parts) => parts.join('=')) }, name);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), fc.boolean(), fc.nat(4), (pairs, extended, depth) => {
        const options = { ...settings, extended, depth };
        const form = pairs.join('&');
        const values = read(form, options);
        expect(shape(values)).toBe(shape(readByQs(form, options)));
        expect(prototypesIn(values).every((prototype) => prototype === null)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a form', () => {
  test('has at most so many parameters, empty ones counted', () => {
    const limited = { ...settings, parameterLimit: 3 };

    for (const form of ['a&b&c', 'a=1&&', '&&']) expect(read(form, limited)).not.toHaveProperty('type');
    for (const form of ['a&b&c&', '&&&', 'a&b&c&d', 'a[b]&b&c&d']) {
      expect(read(form, limited)).toMatchObject({ status: 413, type: 'parameters.too.many', body: form });
    }
  });
});
