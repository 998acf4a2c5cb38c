import fc from 'fast-check';
import { NeedleSearch } from '../../src/formats/needle-search';

describe('NeedleSearch', () => {
  test('finds what Buffer.indexOf finds, in any bytes and from any place', () => {
    const letters = fc.constantFrom(...'\r\n-ab');
    const needles = fc.string({ unit: letters, minLength: 5, maxLength: 74 });
    const pieces = fc.array(fc.tuple(fc.nat(74), fc.nat(74)), { maxLength: 60 });

    fc.assert(
      fc.property(needles, pieces, fc.nat(40), fc.nat(40), (needle, cuts, from, before) => {
        const text = cuts.map(([start, end]) => needle.slice(start % needle.length, end)).join('');
        const bytes = Buffer.from(text + needle + text);
        const to = Math.max(from, bytes.length - before);
        const found = bytes.subarray(0, to).indexOf(needle, from);

        expect(new NeedleSearch(Buffer.from(needle)).find(bytes, from, to)).toBe(found);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['boundary', '----WebKitFormBoundary7MA4YWxkTrZu0gW', '------------------------d74496d66958873e'])(
    'finds the delimiter of %s behind what is full of its pieces, and not beyond the end',
    (boundary) => {
      const needle = `\r\n--${boundary}`;
      for (let length = 2; length < needle.length; length += 1) {
        const bytes = Buffer.from(needle.slice(0, length).repeat(200) + needle);
        const search = new NeedleSearch(Buffer.from(needle));

        expect(search.find(bytes)).toBe(bytes.indexOf(needle));
        expect(search.find(bytes, 0, bytes.length - 1)).toBe(-1);
      }
    },
  );
});
