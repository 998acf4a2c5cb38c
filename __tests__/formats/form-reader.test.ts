import { FormReader, Pipe, readBytes } from 'pipebody';
import { readerOf } from '../support/multipart-body';

const text = 'a=1&b=%C3%A9+x&a=2&&c&__proto__=p';
const bytes = Buffer.from(text);
const read = (chunks: Iterable<Buffer>, options = {}) => new FormReader(readerOf(chunks), options).readForm();

describe('FormReader', () => {
  test('collects the pairs wherever the form is cut, and byte by byte', async () => {
    const expected = { a: ['1', '2'], b: 'é x', '': '', c: '', ['__proto__']: 'p' };
    const forms = [await read([...bytes].map((byte) => Buffer.of(byte)))];
    for (let cut = 0; cut <= bytes.length; cut += 1)
      forms.push(await read([bytes.subarray(0, cut), bytes.subarray(cut)]));

    for (const form of forms) {
      expect(Object.getPrototypeOf(form)).toBeNull();
      expect(Object.entries(form)).toEqual(Object.entries(expected));
    }
  });

  test('gives a pair as soon as it is there', async () => {
    const { reader, writer } = new Pipe();
    const pairs = new FormReader(reader)[Symbol.asyncIterator]();
    void writer.write('a=1&b=');

    expect((await pairs.next()).value).toEqual(['a', '1']);

    void writer.write('2').then(() => writer.complete());
    expect([(await pairs.next()).value, (await pairs.next()).done]).toEqual([['b', '2'], true]);
  });

  test.each([
    ['valueCountLimit', 6, 'parameters.too.many'],
    ['keyLengthLimit', 9, 'form.key.too.long'],
    ['valueLengthLimit', 8, 'form.value.too.long'],
    ['bufferBodyLengthLimit', bytes.length, 'entity.too.large'],
  ])('passes exactly %s (%d) and refuses one more, wherever the form is cut', async (name, limit, type) => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const chunks = () => [bytes.subarray(0, cut), bytes.subarray(cut)];
      await read(chunks(), { [name]: limit });
      await expect(read(chunks(), { [name]: limit - 1 })).rejects.toMatchObject({
        status: 413,
        type,
        limit: limit - 1,
      });
    }
  });

  // The name or value that is refused is not the last one.
  test.each([
    ['valueCountLimit', 4],
    ['keyLengthLimit', 8],
    ['valueLengthLimit', 7],
    ['bufferBodyLengthLimit', 20],
    ['bufferBodyLengthLimit', 21],
  ])('hands out the pairs before the one that %s (%d) refuses, wherever the form is cut', async (name, limit) => {
    const outcomes = new Set<string>();
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = readerOf([bytes.subarray(0, cut), bytes.subarray(cut)]);
      const outcome: unknown[] = [];
      try {
        for await (const pair of new FormReader(reader, { [name]: limit })) outcome.push(pair);
      } catch (error) {
        outcome.push((error as { type: string }).type);
      }
      outcome.push((await readBytes(reader)).toString());
      outcomes.add(JSON.stringify(outcome));
    }

    expect([...outcomes]).toHaveLength(1);
    expect([...outcomes][0]).toMatch(/^\[\["a","1"\],.*too/);
  });

  test('leaves the reader at the first pair that was not handed out', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = readerOf([bytes.subarray(0, cut), bytes.subarray(cut)]);
      for await (const [name] of new FormReader(reader)) if (name === 'b') break;

      expect((await readBytes(reader)).toString()).toBe('a=2&&c&__proto__=p');
    }
  });

  test('goes on where a loop was left', async () => {
    const form = new FormReader(readerOf([bytes]), { valueCountLimit: 6 });
    for await (const [name] of form) if (name === 'b') break;

    expect({ ...(await form.readForm()) }).toEqual({ a: '2', '': '', c: '', ['__proto__']: 'p' });
  });

  test('does not keep a value that never ends', async () => {
    const endless = function* () {
      yield Buffer.from('a=');
      for (;;) yield Buffer.alloc(1_024, 'x');
    };

    await expect(read(endless(), { valueLengthLimit: 4_096 })).rejects.toMatchObject({ type: 'form.value.too.long' });
  });

  test('reads other charsets', async () => {
    expect({ ...(await read([Buffer.from('a=é&b=1', 'utf16le')], { charset: 'utf-16le' })) }).toEqual({
      a: 'é',
      b: '1',
    });
    expect({ ...(await read([Buffer.from('a=\xe9', 'latin1')], { charset: 'ISO-8859-1' })) }).toEqual({ a: 'é' });
    expect(() => new FormReader(readerOf([]), { charset: 'nothing' })).toThrow(TypeError);
  });

  test.each([-1, 1.5, Number.NaN])('refuses the limit %p', (valueCountLimit) => {
    expect(() => new FormReader(readerOf([]), { valueCountLimit })).toThrow(RangeError);
  });
});

test('an aborted signal ends the wait for the next pair', async () => {
  const controller = new AbortController();
  const form = new FormReader(new Pipe().reader, { signal: controller.signal }).readForm();

  controller.abort('why');

  await expect(form).rejects.toMatchObject({ name: 'AbortError', cause: 'why' });
});
