import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { spawnSample } from '../support/sample';

describe('npm run sample', () => {
  const names = readdirSync(resolve(__dirname, '../../samples'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((name) => name !== 'run' && name !== 'listen');

  test('names the samples to who asks for another one', async () => {
    const child = spawnSample('tour');
    const printed = await textOf(child.stderr as NodeJS.ReadableStream);

    expect(printed).toContain(`There is no sample "tour". npm run sample NAME, one of: ${names.join(', ')}.`);
  });
});
