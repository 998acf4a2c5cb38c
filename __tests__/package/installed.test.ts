import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPacked } from '../support/install-packed';

const root = resolve(__dirname, '../..');
const manifest = require('../../package.json') as { files: string[]; devDependencies: Record<string, string> };
const typesOf = (name: string) => `@types/${name}@${manifest.devDependencies[`@types/${name}`]}`;

const installation = installPacked(
  'ts5@npm:typescript@~5.4.5',
  'ts7@npm:typescript@^7.0.0',
  typesOf('node'),
  typesOf('express'),
);
const { folder, failure } = installation;

const own = join(folder, 'node_modules/pipebody');

afterAll(() => installation.remove());

/** Skipped, with the reason in its name, where there was nothing to install from. */
const testInstalled = (name: string, run: () => unknown) =>
  failure === undefined ? test(name, run as () => Promise<void>, 120_000) : test.skip(`${name}: ${failure}`, () => {});

const node = (...options: string[]) =>
  JSON.parse(execFileSync(process.execPath, options, { cwd: folder, encoding: 'utf8' })) as unknown;

/** The packages of these names with all that they need. */
function dependenciesOf(...names: string[]): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    const path = join(folder, 'node_modules', name, 'package.json');
    const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: object };
    for (const dependency of Object.keys(dependencies)) found.add(dependency);
  }
  return found;
}

function sizeOf(name: string): number {
  const entries = readdirSync(join(folder, 'node_modules', name), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

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

  testInstalled('loads two files of its own, and no dependency, until something of them is used', () => {
    const code = `require('pipebody');
      console.log(JSON.stringify(Object.keys(require.cache).map((path) => require('path').basename(path))));`;

    expect(node('-e', code)).toEqual(['index.js', 'core.js']);
  });

  testInstalled('loads none of the modules of Node that take time', () => {
    const code = `const late = ['http', 'fs/promises', 'os', 'perf_hooks'].map((name) => 'NativeModule ' + name);
      require('pipebody');
      console.log(JSON.stringify(process.moduleLoadList.filter((name) => late.includes(name))));`;

    expect(node('-e', code)).toEqual([]);
  });

  testInstalled('gives classes and functions the names that they are exported by', () => {
    const code = `const names = Object.entries(require('pipebody')).filter(([, { name }]) => name !== undefined);
      console.log(JSON.stringify(names.filter(([exported, { name }]) => exported !== name)));`;

    expect(node('-e', code)).toEqual([]);
  });

  testInstalled('brings its declarations, its pages and samples, and no sources, tests or maps', () => {
    const { files } = manifest;
    expect(readdirSync(own).sort()).toEqual(['LICENSE', 'README.md', 'package.json', ...files].sort());
    const names = readdirSync(join(own, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(names.filter((file) => /\.\w/.test(file) && !/\.(m?js|d\.m?ts)$/.test(file))).toEqual([]);
  });

  testInstalled('takes less than 1.5 MB with all that it loads in every program, and in most', () => {
    const lazy = dependenciesOf('qs', 'iconv-lite');
    const others = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.') && !lazy.has(name));
    const installedForTests = /^(@types|ts5|ts7|@typescript|undici-types)$/;

    const sizes = others.filter((name) => !installedForTests.test(name)).map((name) => [name, sizeOf(name)] as const);

    expect(sizes.map(([name]) => name)).toContain('pipebody');
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(1_500_000);
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

/**
 * A version of TypeScript with the kinds of modules that it has. `commonjs` finds packages as bundlers do. Most of them
 * without the types of browsers, as servers are written.
 */
const compilers: [version: string, compiler: string, module: string, resolution: string, lib: string][] = [
  ['5.4', 'ts5', 'commonjs', 'node10', 'es2022,dom'],
  ['5.4', 'ts5', 'node16', 'node16', 'es2022'],
  ['5.4', 'ts5', 'nodenext', 'nodenext', 'es2022'],
  ['5.4', 'ts5', 'esnext', 'bundler', 'es2022'],
  ['6', 'ts6', 'commonjs', 'bundler', 'es2022'],
  ['6', 'ts6', 'node16', 'node16', 'es2022'],
  ['6', 'ts6', 'nodenext', 'nodenext', 'es2022'],
  ['6', 'ts6', 'esnext', 'bundler', 'es2022,dom'],
  ['7', 'ts7', 'commonjs', 'bundler', 'es2022'],
  ['7', 'ts7', 'node16', 'node16', 'es2022,dom'],
  ['7', 'ts7', 'nodenext', 'nodenext', 'es2022'],
  ['7', 'ts7', 'esnext', 'bundler', 'es2022,dom'],
];

describe('its declarations, with those of Express', () => {
  for (const [version, compiler, module, resolution, lib] of compilers) {
    testInstalled(
      `are read by TypeScript ${version}, module ${module}, resolution ${resolution}, with ${lib}`,
      async () => {
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
        const kinds = ['--types', 'node', '--lib', lib, '--module', module, '--moduleResolution', resolution];

        const compiled = promisify(execFile)(
          process.execPath,
          [join(modules, 'bin/tsc'), ...options, ...kinds, ...files],
          { cwd: folder },
        );

        await expect(compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({
          stdout: '',
        });
      },
    );
  }
});
