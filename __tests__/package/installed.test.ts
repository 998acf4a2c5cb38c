import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPacked } from '../support/install-packed';

const root = resolve(__dirname, '../..');
const manifest = require('../../package.json') as { devDependencies: Record<string, string> };
const typesOf = (name: string) => `@types/${name}@${manifest.devDependencies[`@types/${name}`]}`;

const installation = installPacked(
  'ts5@npm:typescript@~5.4.5',
  'ts7@npm:typescript@^7.0.0',
  typesOf('node'),
  typesOf('express'),
);
const { folder, failure } = installation;

afterAll(() => installation.remove());

/** Skipped, with the reason in its name, where there was nothing to install from. */
const testInstalled = (name: string, run: () => unknown) =>
  failure === undefined ? test(name, run as () => Promise<void>, 120_000) : test.skip(`${name}: ${failure}`, () => {});

const node = (...options: string[]) =>
  JSON.parse(execFileSync(process.execPath, options, { cwd: folder, encoding: 'utf8' })) as unknown;

describe('the package, installed from its tarball', () => {
  testInstalled('is required, and gives the parsers under their own names and as the default one', () => {
    const code = `const { json, default: bodyParser } = require('pipebody');
      console.log(JSON.stringify([typeof json(), bodyParser.json === json, require('pipebody').json === json]));`;

    expect(node('-e', code)).toEqual(['function', true, true]);
  });

  testInstalled('is imported, by names and as body-parser', () => {
    const code = `import bodyParser, { json } from 'pipebody';
      console.log(JSON.stringify([typeof json(), bodyParser.json === json, typeof bodyParser.urlencoded()]));`;

    expect(node('--input-type=module', '-e', code)).toEqual(['function', true, 'function']);
  });

  testInstalled('has one class for require, import and pipebody/pipelines', () => {
    const code = `import { createRequire } from 'node:module';
      import { Pipe } from 'pipebody';
      import { Pipe as PipeOfCore } from 'pipebody/pipelines';
      const require = createRequire(process.cwd() + '/');
      console.log(JSON.stringify([Pipe === require('pipebody').Pipe, Pipe === PipeOfCore]));`;

    expect(node('--input-type=module', '-e', code)).toEqual([true, true]);
  });

  testInstalled('answers a request without Express', () => {
    const code = `import { json, createServer } from 'pipebody';
      const parse = json();
      const server = createServer((req, res) => parse(req, res, () => res.end(JSON.stringify(req.body))));
      server.listen(0, async () => {
        const headers = { 'Content-Type': 'application/json' };
        const url = 'http://localhost:' + server.address().port;
        console.log(await (await fetch(url, { method: 'POST', headers, body: '{"a":1}' })).text());
        server.close();
      });`;

    expect(node('--input-type=module', '-e', code)).toEqual({ a: 1 });
  });

  testInstalled('brings its declarations and no sources, tests or maps', () => {
    expect(
      readdirSync(join(folder, 'node_modules/pipebody'))
        .filter((name) => name !== 'pipelines')
        .sort(),
    ).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    const files = readdirSync(join(folder, 'node_modules/pipebody/dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.\w/.test(file) && !/\.(m?js|d\.m?ts)$/.test(file))).toEqual([]);
  });
});

const program = `import bodyParser, { createServer, form, json, lines, pipeBody, type PipeReader } from 'pipebody';
import { Pipe, PipeReader as CoreReader } from 'pipebody/pipelines';
import express from 'express';

const app = express();
app.use(pipeBody(), bodyParser.json({ limit: '1mb' }), json(), lines(), form().single('avatar'));
app.post('/', async (req, res) => {
  const reader: PipeReader = req.bodyReader;
  const same: CoreReader = reader;
  const rawBody: Buffer | undefined = req.rawBody;
  res.onStarting(() => {});
  await res.writeAsync(rawBody ?? (await same.read()).buffer.toBuffer(), { signal: req.signal });
  res.body.end();
});
createServer(app).listen(new Pipe().writer.unflushedBytes);
// @ts-expect-error: a limit is a size
json({ limit: true });
`;

/** A version of TypeScript with the kinds of modules that it has. `commonjs` finds packages as bundlers do. */
const compilers: [version: string, compiler: string, module: string, resolution: string][] = [
  ['5.4', 'ts5', 'node16', 'node16'],
  ['5.4', 'ts5', 'esnext', 'bundler'],
  ['6', 'ts6', 'nodenext', 'nodenext'],
  ['7', 'ts7', 'commonjs', 'bundler'],
  ['7', 'ts7', 'node16', 'node16'],
  ['7', 'ts7', 'nodenext', 'nodenext'],
  ['7', 'ts7', 'esnext', 'bundler'],
];

describe('its declarations, with those of Express', () => {
  for (const [version, compiler, module, resolution] of compilers) {
    testInstalled(`are read by TypeScript ${version}, module ${module}, resolution ${resolution}`, async () => {
      const modules =
        compiler === 'ts6' ? join(root, 'node_modules/typescript') : join(folder, 'node_modules', compiler);
      const files = ['cts', 'mts'].map((kind) => join(folder, `program.${kind}`));
      for (const file of files) writeFileSync(file, program);
      const options = [
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--esModuleInterop',
        '--target',
        'es2022',
      ];
      const kinds = ['--types', 'node', '--module', module, '--moduleResolution', resolution];

      const compiled = promisify(execFile)(
        process.execPath,
        [join(modules, 'bin/tsc'), ...options, ...kinds, ...files],
        { cwd: folder },
      );

      await expect(compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({
        stdout: '',
      });
    });
  }
});
