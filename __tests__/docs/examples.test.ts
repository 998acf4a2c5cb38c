import { dirname, join } from 'node:path';
import * as pipebody from 'pipebody';
import ts from 'typescript';
import { examplesOf, pages, root } from '../support/read-docs';

const ownNames = Object.keys(pipebody).filter((name) => name !== 'default');

/** What an example takes for granted. An import or a variable of its own comes before these. */
const surroundings = `
import type * as core from 'express-serve-static-core';
import type { Duplex } from 'node:stream';
import type crypto from 'node:crypto';
import type fs from 'node:fs';
import type path from 'node:path';
import type promises from 'node:stream/promises';
import type zlib from 'node:zlib';
import type * as zod from 'zod';
import type * as pipebody from 'pipebody';

declare global {
  const app: core.Express;
  const req: core.Request;
  const res: core.Response;
  const boundary: string;
  const schema: zod.ZodType<{ id: number }>;
  const insert: (record: unknown) => Promise<void>;
  const report: () => AsyncIterable<unknown>;
  const addBanner: () => Duplex;
  const log: (...values: unknown[]) => void;
  const z: typeof zod.z;
  const randomName: () => string;
  const randomUUID: typeof crypto.randomUUID;
  const createReadStream: typeof fs.createReadStream;
  const createWriteStream: typeof fs.createWriteStream;
  const join: typeof path.join;
  const pipeline: typeof promises.pipeline;
  const createGunzip: typeof zlib.createGunzip;
  const createGzip: typeof zlib.createGzip;
  type UploadedFile = pipebody.UploadedFile;
${ownNames.map((name) => `  const ${name}: typeof pipebody.${name};`).join('\n')}
}`;

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  esModuleInterop: true,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: { pipebody: [join(root, 'src/index.ts')], 'pipebody/pipelines': [join(root, 'src/pipelines.ts')] },
};

/** The files of a program, which are nowhere on the disk. */
const files = new Map([[join(root, 'docs/surroundings.ts'), surroundings]]);
for (const page of pages) {
  for (const { line, code } of examplesOf(page)) {
    files.set(join(root, `${page.path}.${line}.ts`), `${'\n'.repeat(line - 1)}${code}\nexport {};`);
  }
}

test('every example of README.md and docs compiles', () => {
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, version, ...rest) : ts.createSourceFile(name, text, version);
  };

  const program = ts.createProgram([...files.keys()], options, host);

  expect(files.size).toBeGreaterThan(10);
  expect([...files.keys()].flatMap((name) => mistakes(program, name))).toEqual([]);
}, 60_000);

/** As `docs/pipes.md:12: …`. */
function mistakes(program: ts.Program, name: string): string[] {
  const file = program.getSourceFile(name);
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  return found.map(({ start = 0, messageText }) => {
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
    const page = name.slice(dirname(join(root, 'x')).length + 1).replace(/\.\d+\.ts$/, '');
    return `${page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
