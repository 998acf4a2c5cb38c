import { Pipe, readJson } from 'pipebody';

describe('readJson()', () => {
  test.each([{ onProtoPoisoning: 'never' }, { schema: {} }])('refuses %j before it reads', async (options) => {
    const { reader } = new Pipe();

    await expect(readJson(reader, options as never)).rejects.toThrow(TypeError);
  });
});
