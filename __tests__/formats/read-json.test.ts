import { Pipe, PipeReader, readJson, readText } from 'pipebody';

describe('readJson()', () => {
  test.each([{ onProtoPoisoning: 'never' }, { schema: {} }])('refuses %j before it reads', async (options) => {
    const { reader } = new Pipe();

    await expect(readJson(reader, options as never)).rejects.toThrow(TypeError);
  });

  test('reads UTF-8 unless it is told otherwise, and nothing but Unicode', async () => {
    const reader = () => PipeReader.from(Buffer.from('{"a":"é"}'));

    expect(await readJson(reader())).toEqual({ a: 'é' });
    await expect(readJson(reader(), { charset: 'iso-8859-1' })).rejects.toMatchObject({
      status: 415,
      type: 'charset.unsupported',
    });
  });

  test('is a 400 with the words of a reviver that throws no error', async () => {
    const reviver = () => {
      throw 'not today';
    };

    await expect(readJson(PipeReader.from(Buffer.from('[1]')), { reviver })).rejects.toMatchObject({
      status: 400,
      type: 'entity.parse.failed',
      message: 'not today',
    });
  });
});

describe('readText()', () => {
  test('reads UTF-8 unless it is told otherwise', async () => {
    expect(await readText(PipeReader.from(Buffer.from('\ufeffé')))).toBe('é');
    await expect(readText(PipeReader.from(Buffer.from('a')), { charset: 'klingon' })).rejects.toMatchObject({
      status: 415,
      charset: 'klingon',
    });
  });
});
