import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { replacing } from '../../samples/parts/replacing';

describe('replacing()', () => {
  const body = Buffer.from('é<</b></b>x</b');

  test('replaces the text wherever the body is cut, and leaves every other byte as it is', async () => {
    for (let first = 0; first <= body.length; first += 1) {
      for (let second = first; second <= body.length; second += 1) {
        const chunks = [body.subarray(0, first), body.subarray(first, second), body.subarray(second)];
        const replaced = Readable.from(chunks).pipe(replacing('</b>', 'ü'));

        expect(await text(replaced)).toBe('é<üüx</b');
      }
    }
  });
});
