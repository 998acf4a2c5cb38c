import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const program = join(__dirname, '../support/explained-program.ts');

async function printed(env: Record<string, string>): Promise<string[]> {
  const { stderr } = await promisify(execFile)(process.execPath, ['-r', 'esbuild-register', program], {
    cwd: resolve(__dirname, '../..'),
    env: { ...process.env, ...env },
  });
  return stderr.split('\n').filter((line) => line !== '');
}

describe('NODE_DEBUG=pipebody', () => {
  let lines: string[];

  beforeAll(async () => {
    lines = (await printed({ NODE_DEBUG: 'pipebody' })).map((line) => line.replace(/^PIPEBODY \d+: /, ''));
  }, 60_000);

  test.each([
    'GET /small: not compressed: 812 bytes are below the threshold of 1024',
    'GET /empty: not compressed: the body is empty',
    'GET /image: not compressed: "filter" refuses it, whose type is image/png',
    'GET /none: not compressed: the status is 204',
    'GET /part: not compressed: it is a part, with a Content-Range',
    'GET /encoded: not compressed: it is encoded already: gzip',
    'GET /final: not compressed: Cache-Control says no-transform',
    'GET /secret: not compressed: "exclude" names the request',
    'GET /large: not compressed: Accept-Encoding is br, there are gzip',
    'GET /small: not parsed by json(): it has no body',
    'GET /small: not decoded by decompress(): it has no Content-Encoding',
    'POST /small: not parsed by json(): the type is text/\\x9B31m',
    'POST /small: not parsed by form(): the type is text/\\x9B31m',
    'POST /small: not parsed by form(): the body was read before',
  ])('says "%s"', (sentence) => {
    expect(lines).toContain(sentence);
  });

  test('says nothing of what was compressed, and nothing of what follows a path', () => {
    expect(lines.filter((line) => line.startsWith('GET /large: not compressed'))).toHaveLength(1);
    expect(lines.join()).not.toContain('token');
  });
});

test('without it nothing is said', async () => {
  expect(await printed({ NODE_DEBUG: '' })).toEqual([]);
}, 60_000);
