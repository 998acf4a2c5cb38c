import fc from 'fast-check';
import { appendField, type FormFields } from '../../src/formats/nested-fields';

const appendAsMulter: (store: object, name: string, value: string) => void = require('append-field');
const limits = { depth: 32, index: 1_000 };

function collect(names: readonly string[]): FormFields {
  const fields: FormFields = Object.create(null);
  names.forEach((name, index) => {
    appendField(fields, name, String(index), limits);
  });
  return fields;
}

describe('appendField()', () => {
  test.each([
    [['a'], { a: '0' }],
    [['a', 'a'], { a: ['0', '1'] }],
    [['a[]'], { a: ['0'] }],
    [['a[b][c]'], { a: { b: { c: '0' } } }],
    [['a[1]', 'a[0]'], { a: ['1', '0'] }],
    [['a[0]', 'a[b]'], { a: { 0: '0', b: '1' } }],
    [['a', 'a[b]'], { a: { '': '0', b: '1' } }],
    [['a[b', '[a]', 'a]b', 'a[][b]'], { 'a[b': '0', '[a]': '1', 'a]b': '2', 'a[][b]': '3' }],
  ])('makes of %j what multer makes of it', (names, fields) => {
    expect(JSON.parse(JSON.stringify(collect(names)))).toEqual(fields);
  });

  test('makes of any names what append-field makes of them', () => {
    const key = fc.constantFrom('a', 'b', '0', '1', '', 'x]', 'y[', '__proto__', '1a');
    const name = fc
      .tuple(fc.constantFrom('a', 'b', '', '0'), fc.array(key, { maxLength: 3 }), fc.constantFrom('', '', 'z'))
      .map(([first, keys, rest]) => first + keys.map((text) => `[${text}]`).join('') + rest);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 6 }), (names) => {
        const expected = Object.create(null);
        let hasFailed = false;
        try {
          names.forEach((text, index) => {
            appendAsMulter(expected, text, String(index));
          });
        } catch {
          hasFailed = true;
        }
        const made = JSON.stringify(collect(names));
        if (!hasFailed) expect(made).toBe(JSON.stringify(expected));
      }),
      { numRuns: 2_000 },
    );
  });

  test('never touches a prototype', () => {
    const fields = collect(['__proto__[x]', 'constructor[prototype][x]', 'a[__proto__][x]', 'a[0][__proto__][x]']);

    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(Object.getPrototypeOf(fields)).toBeNull();
  });

  test.each([
    [`a${'[b]'.repeat(32)}`, `a${'[b]'.repeat(33)}`, 'LIMIT_FIELD_NESTING'],
    ['a[1000]', 'a[1001]', 'LIMIT_FIELD_ARRAY_INDEX'],
  ])('passes %s and refuses %s', (most, tooMuch, code) => {
    collect([most]);
    expect(() => collect([tooMuch])).toThrow(expect.objectContaining({ status: 400, code }));
  });
});
