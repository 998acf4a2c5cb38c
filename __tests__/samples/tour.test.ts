import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = resolve(__dirname, '../..');
let child: ChildProcess;
let printed = '';
let url = '';

beforeAll(async () => {
  // esbuild-register finds pipebody in src by the paths of tsconfig.json: no build is needed.
  child = spawn(process.execPath, ['-r', 'esbuild-register', 'samples/tour.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  while (!printed.includes('hello-json'))
    printed += String((await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]);
  url = /http:\/\/\S+?:\d+/.exec(printed)?.[0] ?? '';
});

afterAll(async () => {
  child.kill();
  await once(child, 'exit');
});

const text = 'one\ntwo\r\nthree';
const plain = { 'Content-Type': 'text/plain' };
const post = (path: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(url + path, { method: 'POST', body, headers }).then((response) => response.json());

describe('the tour', () => {
  test('prints its address and a curl line for each part', () => {
    expect(printed.match(/^ {2}.*curl.*$/gm)).toHaveLength(8);
  });

  test.each(['/lines', '/ready-made-lines'])('POST %s answers the lines of a text', async (path) => {
    expect(await post(path, text, plain)).toEqual(['one', 'two', 'three']);
  });

  test.each(['/lines', '/ready-made-lines'])('POST %s answers the lines of a gzip text', async (path) => {
    expect(await post(path, gzipSync(text), { ...plain, 'Content-Encoding': 'gzip' })).toEqual(['one', 'two', 'three']);
  });

  test.each(['/json', '/old-json'])('POST %s answers the JSON that it parsed, gzip or not', async (path) => {
    const headers = { 'Content-Type': 'application/json' };

    expect(await post(path, '{"a":1}', headers)).toEqual({ a: 1 });
    expect(await post(path, gzipSync('{"a":1}'), { ...headers, 'Content-Encoding': 'gzip' })).toEqual({ a: 1 });
  });

  test.each([
    ['/hello', 'Hello from a pipe.\n'],
    ['/hello-json', '{"hello":"from res.json"}'],
  ])('GET %s is compressed for who asks for it', async (path, expected) => {
    const compressed = await fetch(url + path, { headers: { 'Accept-Encoding': 'gzip' } });
    const identity = await fetch(url + path, { headers: { 'Accept-Encoding': 'identity' } });

    expect([compressed.headers.get('Content-Encoding'), await compressed.text()]).toEqual(['gzip', expected]);
    expect([identity.headers.get('Content-Encoding'), await identity.text()]).toEqual([null, expected]);
  });
});
