import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(__dirname, '../..');

/** A page for users: README.md and those of docs, by their paths from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export const pages: readonly Page[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

export const pageOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

/** The examples of a page, with the line that each begins at. */
export function examplesOf({ text }: Page): { line: number; code: string }[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[1] as string,
  }));
}

/** The cells of the tables of a page, row by row; the first row is the head. */
export function tablesOf({ text }: Page): string[][][] {
  return [...text.matchAll(/^\|.*\n\|[-|]+\|\n(?:\|.*(?:\n|$))*/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .filter((_line, index) => index !== 1)
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}
