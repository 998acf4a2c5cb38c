import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { spawnSample } from '../support/sample';

const folder = resolve(__dirname, '../../samples');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => name !== 'run' && name !== 'listen');

async function failureOf(name: string, env?: Record<string, string>): Promise<[string, number]> {
  const child = spawnSample(name, env);
  const [printed, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')]);
  return [printed, code];
}

describe('npm run sample', () => {
  test('names the samples to who asks for another one', async () => {
    const sentence = `There is no sample "tour". npm run sample NAME, one of: ${names.join(', ')}.\n`;

    expect(await failureOf('tour')).toEqual([sentence, 1]);
  });

  test('says which address is taken, and how to set another one', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [printed, code] = await failureOf('upload', { PORT: String(port) });
    server.close();

    expect(printed).toBe(
      `listen EADDRINUSE: address already in use 127.0.0.1:${port}; PORT and HOST set another address.\n`,
    );
    expect(code).toBe(1);
  });
});

test('samples/README.md has a row for every program', () => {
  const rows = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| `([\w-]+)`/gm)].map(
    ([, name]) => name,
  );

  expect(rows.sort()).toEqual([...names].sort());
});
