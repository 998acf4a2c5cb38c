import { join } from 'node:path';
import ts from 'typescript';
import { defaultMaxRatio } from '../../src/formats/decoding/decoding-options';
import { defaultFormReaderLimits } from '../../src/formats/form-reader';
import { defaultMaxLineLength } from '../../src/formats/line-settings';
import { defaultMultipartOptions } from '../../src/formats/multipart-options';
import { defaultMaxLines } from '../../src/formats/read-all-lines';
import { defaultLimit } from '../../src/formats/read-bytes';
import { defaultMaxDepth, defaultMaxElementLength } from '../../src/formats/read-json-array';
import { defaultMaxLineCharacters, defaultReadToEndLimit } from '../../src/formats/text-reader';
import { defaultFlushInterval } from '../../src/formats/write-values';
import { defaultFormLimits } from '../../src/middleware/form/form-options';
import { defaultLinesLimit } from '../../src/middleware/lines';
import { defaultMinimumSegmentSize, defaultPauseWriterThreshold } from '../../src/pipelines/pipe-options';
import { pageOf, pages, root, tablesOf } from '../support/read-docs';

/** The defaults that the code has; what else the tables say of defaults, the doc comments say too. */
const defaults: Record<string, object> = {
  JsonOptions: { limit: defaultLimit, maxRatio: defaultMaxRatio },
  LinesOptions: { limit: defaultLinesLimit, maxLineLength: defaultMaxLineLength, maxLines: defaultMaxLines },
  NdjsonOptions: { limit: defaultLinesLimit, maxLineLength: defaultMaxLineLength, maxLines: defaultMaxLines },
  DecompressOptions: { maxRatio: defaultMaxRatio },
  FormLimits: defaultFormLimits,
  FormReaderOptions: defaultFormReaderLimits,
  MultipartOptions: defaultMultipartOptions,
  ReadBytesOptions: { limit: defaultLimit },
  ReadJsonArrayOptions: { maxElementLength: defaultMaxElementLength, maxDepth: defaultMaxDepth },
  ReadJsonLinesOptions: { maxLineLength: defaultMaxLineLength },
  ReadLinesOptions: { maxLineLength: defaultMaxLineLength },
  ReadToEndOptions: { limit: defaultReadToEndLimit },
  TextReaderOptions: { maxLineLength: defaultMaxLineCharacters },
  WriteValuesOptions: { flushInterval: defaultFlushInterval },
  PipeOptions: { pauseWriterThreshold: defaultPauseWriterThreshold, minimumSegmentSize: defaultMinimumSegmentSize },
};

interface Option {
  readonly name: string;
  /** What its doc comment says. */
  readonly own: string;
  /** And that of its interface. */
  readonly inherited: string;
}

const program = ts.createProgram([join(root, 'src/index.ts')], { skipLibCheck: true, types: ['node'] });
const checker = program.getTypeChecker();
const entry = program.getSourceFile(join(root, 'src/index.ts')) as ts.SourceFile;
const exported = new Map(exportedTypes());
const options = new Map(exportedOptions());
const documented = new Map<string, Map<string, string>>();
for (const [head, ...rows] of pages.flatMap(tablesOf)) {
  for (const name of namesIn(head?.[0] ?? '').filter((text) => options.has(text))) {
    const known = documented.get(name) ?? new Map<string, string>();
    documented.set(name, known);
    for (const [first = '', , initial = ''] of rows) known.set(namesIn(first)[0] ?? '', initial);
  }
}

test('every exported interface of options has a table in docs, with a row for each option and no other', () => {
  const inDocs = [...documented].map(([name, rows]) => [name, [...rows.keys()].sort()]);
  const inTables = [...options].filter(([name]) => documented.has(name) || !isBase(name));
  const inCode = inTables.map(([name, members]) => [name, members.map((option) => option.name).sort()]);

  expect(Object.fromEntries(inDocs)).toEqual(Object.fromEntries(inCode));
});

test('every exported name and every option has a doc comment', () => {
  const names = checker.getExportsOfModule(checker.getSymbolAtLocation(entry) as ts.Symbol);
  const silent = names.filter((name) => textOf(checker.getAliasedSymbol(name)).trim() === '').map(({ name }) => name);
  const silentOptions = [...options].flatMap(([name, members]) =>
    members.filter(({ own }) => own === '').map((option) => `${name}.${option.name}`),
  );

  expect([silent, silentOptions]).toEqual([[], []]);
});

test('a default that a table gives is in the doc comment too', () => {
  const missing = [...documented].flatMap(([name, rows]) =>
    [...rows]
      .filter(([, initial]) => initial !== '–')
      .filter(([option, initial]) => !commentOf(name, option).includes(initial.replaceAll('`', '')))
      .map(([option, initial]) => `${name}.${option}: ${initial}`),
  );

  expect(missing).toEqual([]);
});

test('a default of the code is the one that the table gives', () => {
  const wrong = Object.entries(defaults).flatMap(([name, values]) =>
    Object.entries(values)
      .filter(([option, value]) => Number.parseInt(initialOf(name, option), 10) !== value)
      .map(([option, value]) => `${name}.${option}: ${value}`),
  );

  expect(wrong).toEqual([]);
});

test('every dependency has its reason in docs/dependencies.md, and no other package has', () => {
  const { dependencies } = require('../../package.json') as { dependencies: object };
  const [table = []] = tablesOf({ path: '', text: pageOf('docs/dependencies.md') });

  expect(table.slice(1).map(([name = '']) => namesIn(name)[0])).toEqual(Object.keys(dependencies));
});

test('every member of the pipes and sequences is in docs/dotnet.md', () => {
  const members = ['Pipe', 'PipeReader', 'PipeWriter', 'ReadOnlySequence', 'SequenceReader'].flatMap(membersOf);
  const text = pageOf('docs/dotnet.md');

  expect(members.filter((name) => !new RegExp(`\`${name}\\b`).test(text))).toEqual([]);
});

function initialOf(name: string, option: string): string {
  return (documented.get(name)?.get(option) ?? '').replaceAll(',', '');
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`(\w[\w-]*)`/g)].map(([, name]) => name as string);
}

function commentOf(name: string, option: string): string {
  const found = options.get(name)?.find((member) => member.name === option);
  return found === undefined ? '' : `${found.own} ${found.inherited}`;
}

function* exportedOptions(): Generator<[string, Option[]]> {
  for (const [name, type] of exported) {
    if (!/(Options|Limits)$/.test(name) || /^(Wait|View|Write)Options$/.test(name)) continue;
    const inherited = textOf(type.symbol);
    yield [name, type.getProperties().map((member) => ({ name: member.name, own: textOf(member).trim(), inherited }))];
  }
}

/** Whether other interfaces of options have its options, so that these are in their tables. */
function isBase(name: string): boolean {
  const extending = [...options.keys()].flatMap((other) => exported.get(other)?.symbol.declarations ?? []);
  const bases = extending.flatMap((declaration) => (declaration as ts.InterfaceDeclaration).heritageClauses ?? []);
  return bases.some((clause) => new RegExp(`\\b${name}\\b`).test(clause.getText()));
}

/** The public members of an exported class. */
function membersOf(name: string): string[] {
  const members = exported.get(name)?.getProperties() ?? [];
  return members.filter((member) => /^\w+$/.test(member.name) && !isInternal(member)).map((member) => member.name);
}

function isInternal(member: ts.Symbol): boolean {
  if (member.getJsDocTags(checker).some((tag) => tag.name === 'internal')) return true;
  const { valueDeclaration } = member;
  return (
    valueDeclaration !== undefined && (ts.getCombinedModifierFlags(valueDeclaration) & ts.ModifierFlags.Protected) > 0
  );
}

function* exportedTypes(): Generator<[string, ts.Type]> {
  for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(entry) as ts.Symbol)) {
    yield [symbol.name, checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol))];
  }
}

/** The doc comment as one line, with its tags. */
function textOf(symbol: ts.Symbol): string {
  const tags = symbol.getJsDocTags(checker).map((tag) => ts.displayPartsToString(tag.text));
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return [comment, ...tags, ''].join(' ').replaceAll('`', '').replace(/\s+/g, ' ');
}
