import { gunzipSync } from 'node:zlib';
import { Pipe } from 'pipebody';
import { makeCodings } from '../../../src/middleware/compress/content-codings';
import type { Deflater } from '../../../src/middleware/compress/deflater';
import { Deflaters } from '../../../src/middleware/compress/deflaters';
import { EncodedBody } from '../../../src/middleware/compress/encoded-body';
import { GzipEncoder } from '../../../src/middleware/compress/gzip-encoder';
import { readAll } from '../../support/read-all';

const capacity = 32;

/** Somebody who borrows an encoder, and what was lent so far. */
class User {
  lent: Deflater | undefined;

  borrow(deflaters: Deflaters): this {
    deflaters.lend(this, this.lent, (deflater) => {
      this.lent = deflater;
    });
    return this;
  }
}

const users = (deflaters: Deflaters, count: number) =>
  Array.from({ length: count }, () => new User().borrow(deflaters)) as [User, User, ...User[]];

describe('the encoders that all responses share', () => {
  test('are as many as 32; whoever comes later waits for the first that is given back', () => {
    const deflaters = new Deflaters({});
    const [first] = users(deflaters, capacity);
    const [next, last] = users(deflaters, 2);

    expect(next.lent).toBeUndefined();
    deflaters.takeBack(first.lent as Deflater);

    expect(next.lent).toBe(first.lent);
    expect(last.lent).toBeUndefined();
  });

  test('are lent to who had them last while nobody else needed them, and else the one that rests longest', () => {
    const deflaters = new Deflaters({});
    const [first, second] = users(deflaters, capacity);
    const own = second.lent;
    for (const { lent } of [first, second]) deflaters.takeBack(lent as Deflater);

    const other = new User().borrow(deflaters);
    second.borrow(deflaters);

    expect([other.lent, second.lent]).toEqual([first.lent, own]);
  });

  test('go with a user that is gone, in the middle of a piece too, and who waits gets a new one', () => {
    const deflaters = new Deflaters({});
    const [gone] = users(deflaters, capacity);
    const [waiting] = users(deflaters, 2);

    deflaters.leave(gone, gone.lent);
    deflaters.leave(gone, gone.lent);

    expect(gone.lent?.isBroken).toBe(true);
    expect(waiting.lent?.isBroken).toBe(false);
  });

  test('are made anew in place of one that broke', () => {
    const deflaters = new Deflaters({});
    const [broken] = users(deflaters, capacity);
    const [waiting] = users(deflaters, 2);

    broken.lent?.destroy();
    deflaters.takeBack(broken.lent as Deflater);

    expect(waiting.lent?.isBroken).toBe(false);
  });

  test('are not kept by an encoder that was destroyed while it waited for one', () => {
    const deflaters = new Deflaters({});
    const [first] = users(deflaters, capacity);
    const encoder = new GzipEncoder(deflaters, () => {});
    let isCalled = false;
    encoder.encode(Buffer.from('late'), () => {
      isCalled = true;
    });
    const next = new User().borrow(deflaters);

    encoder.destroy();
    deflaters.takeBack(first.lent as Deflater);

    expect([isCalled, next.lent?.isBroken]).toEqual([false, false]);
  });
});

describe('a body that is encoded', () => {
  const bodyOver = ({ writer }: Pipe) => {
    const coding = makeCodings(['gzip'], { zlib: {}, brotli: {}, zstd: {} }).get('gzip') as never;
    return new EncodedBody({ coding, isFlushed: false, declareLength: () => {} }, writer);
  };

  test('is whole however large its pieces are', async () => {
    const pipe = new Pipe();
    const whole = Buffer.from('a text that repeats itself, '.repeat(20_000));

    bodyOver(pipe).end(whole);

    expect(gunzipSync(await readAll(pipe.reader)).equals(whole)).toBe(true);
  });

  test('gives nothing more to its pipe once it was destroyed in the middle of a piece', async () => {
    const pipe = new Pipe();
    const body = bodyOver(pipe);
    body.write(Buffer.alloc(500_000, 'x'));
    await new Promise(setImmediate);

    body.destroy();
    const { unflushedBytes } = pipe.writer;
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);

    expect(pipe.writer.unflushedBytes).toBe(unflushedBytes);
  });
});
