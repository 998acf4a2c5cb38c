import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const source = resolve(__dirname, '../src');

/** The layer table of DESIGN.md: what a layer may import besides itself. */
const mayImport: Record<string, string[]> = {
  buffers: [],
  pipelines: ['buffers'],
  streams: ['buffers', 'pipelines'],
  formats: ['buffers', 'pipelines'],
  http: ['buffers', 'pipelines', 'streams'],
  middleware: ['buffers', 'pipelines', 'streams', 'formats', 'http'],
};

/** Modules of Node that a layer must not know; types of node:stream are part of the signatures of pipes. */
const unknownModules: Record<string, RegExp> = {
  buffers: /^node:(stream|http|net)/,
  pipelines: /^node:(stream|http|net)/,
  streams: /^node:(http|net)/,
  formats: /^node:(stream|http|net)/,
};

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'/gms);
  return [...statements].map(([, type, from, bare]) => ({
    file,
    target: from ?? (bare as string),
    isType: type !== undefined,
  }));
});

const layerOf = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : 'entry');

test('every folder of src is a layer of the table', () => {
  const folders = new Set(files.map(layerOf).filter((layer) => layer !== 'entry'));

  expect([...folders].sort()).toEqual(Object.keys(mayImport).sort());
});

test('a file imports its own layer and lower ones only', () => {
  const violations = imports
    .filter(({ file, target }) => target.startsWith('.') && layerOf(file) !== 'entry')
    .map(({ file, target }) => ({ file, to: relative(source, resolve(source, dirname(file), target)) }))
    .filter(({ file, to }) => layerOf(to) !== layerOf(file) && !mayImport[layerOf(file)]?.includes(layerOf(to)));

  expect(violations).toEqual([]);
});

test('the lower layers know nothing of streams and HTTP', () => {
  const violations = imports.filter(
    ({ file, target, isType }) => !isType && (unknownModules[layerOf(file)]?.test(target) ?? false),
  );

  expect(violations).toEqual([]);
});

test('only http, and taking bytes back from a stream, lean on the internals of a request, a response or a stream', () => {
  const offenders = files
    .filter((file) => layerOf(file) !== 'http' && file !== 'streams/take-back.ts')
    .filter((file) =>
      /_readableState|_writableState|_consuming|_dump\b/.test(readFileSync(join(source, file), 'utf8')),
    );

  expect(offenders).toEqual([]);
});

test('no file is longer than 250 lines', () => {
  const long = files.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 251);

  expect(long).toEqual([]);
});

test('no function is longer than 40 lines', () => {
  const long: string[] = [];
  for (const file of files) {
    const tree = ts.createSourceFile(file, readFileSync(join(source, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    const visit = (node: ts.Node): void => {
      const lines = node.getText(tree).split('\n').length;
      if (ts.isFunctionLike(node) && lines > 40) long.push(`${file}: ${lines} lines`);
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }

  expect(long).toEqual([]);
});
