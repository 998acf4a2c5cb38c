import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packPackage } from '../support/install-packed';

const root = resolve(__dirname, '../..');
const packed = packPackage();
const { source, tarball } = packed;

afterAll(() => packed.remove());

/** What a program of ES modules prints; the tools are such, and jest loads none. */
function ask(program: string): unknown {
  const options = { cwd: root, encoding: 'utf8' } as const;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program, tarball], options));
}

describe('the tarball', () => {
  test('has nothing that publint finds fault with, suggestions included', () => {
    const messages = ask(`import { readFileSync } from 'node:fs';
      import { publint } from 'publint';
      const { buffer } = new Uint8Array(readFileSync(process.argv[1]));
      console.log(JSON.stringify((await publint({ pack: { tarball: buffer } })).messages));`);

    expect(messages).toEqual([]);
  }, 60_000);

  test('has types that are right for every resolution, as arethetypeswrong says', () => {
    const problems = ask(`import { readFileSync } from 'node:fs';
      import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
      const tarball = createPackageFromTarballData(new Uint8Array(readFileSync(process.argv[1])));
      console.log(JSON.stringify((await checkPackage(tarball)).problems));`);

    expect(problems).toEqual([]);
  }, 60_000);

  test('has every page, sample and folder that its pages link to', () => {
    const pages = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && !name.startsWith('node_modules'),
    );

    expect(pages).toContain('README.md');
    expect(pages.flatMap((page) => brokenLinks(page))).toEqual([]);
  });

  test('declares what docs/api/pipebody.api.md says; npm run api writes it anew', () => {
    const extractor = join(root, 'node_modules/@microsoft/api-extractor/bin/api-extractor');

    const output = execFileSync(process.execPath, [extractor, 'run'], { cwd: source, encoding: 'utf8' });

    expect(output).toContain('completed successfully');
  }, 60_000);

  test('has a doc comment for every name, but for the namespace that TypeScript makes of compress.filter', () => {
    const report = readFileSync(join(source, 'docs/api/pipebody.api.md'), 'utf8');

    const undocumented = [...report.matchAll(/\(undocumented\)\n(.*)/g)].map(([, declaration]) => declaration?.trim());

    expect(undocumented).toEqual(['export namespace compress {', 'filter: typeof isCompressible;']);
  });
});

/** As `docs/pipes.md: ../src/index.ts`. */
function brokenLinks(page: string): string[] {
  const links = readFileSync(join(source, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g);
  const targets = [...links].map(([, target]) => target as string);
  return targets.filter((to) => !existsSync(join(source, dirname(page), to))).map((to) => `${page}: ${to}`);
}
