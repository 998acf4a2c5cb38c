import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { TempFile } from '../../src/streams/temp-file';
import { newTempFile, sweepTempFiles } from '../../src/streams/temp-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What is left of files in a folder that is swept for the first time, when the last of them is gone. */
async function sweep(files: Record<string, string>, gone: string[]): Promise<string[]> {
  for (const name of Object.values(files)) writeFileSync(join(folder, name), '');
  // Files of our own process are younger than it.
  if (files['older than us'] !== undefined) utimesSync(join(folder, files['older than us']), 0, 0);
  sweepTempFiles(folder);
  while (gone.some((what) => existsSync(join(folder, files[what] as string)))) await new Promise(setImmediate);
  const left = new Set(readdirSync(folder));
  return Object.keys(files).filter((what) => left.has(files[what] as string));
}

describe('temporary files', () => {
  test('of processes that cannot live any more are swept, and no others', async () => {
    const own = basename(newTempFile(folder));
    const [, machine, boot, pid] = own.split('-') as [string, string, string, string];
    const named = (of: { machine?: string; boot?: string; pid?: string | number }) =>
      `pipebody-${of.machine ?? machine}-${of.boot ?? boot}-${of.pid ?? pid}-${'0'.repeat(32)}`;
    const files = {
      'of a process that died': named({ pid: 4_194_399 }),
      'of a boot before this one': named({ boot: '00000000' }),
      'older than us': named({}),
      ours: own,
      'of a process that lives': named({ pid: process.ppid }),
      'of a process of somebody else': named({ pid: 1 }),
      'of another machine': named({ machine: '00000000', pid: 4_194_399 }),
      'with a name that is not ours': 'pipebody-notes.txt',
    };
    const gone = ['of a process that died', 'of a boot before this one', 'older than us'];

    const left = await sweep(files, gone);

    expect(left).toEqual(Object.keys(files).filter((what) => !gone.includes(what)));
  });

  test('are looked for once in a folder, and one that cannot be read does not matter', async () => {
    const leftOver = basename(newTempFile(folder)).replace(`-${process.pid}-`, '-4194399-');
    sweepTempFiles(join(folder, 'missing'));
    await sweep({ first: leftOver }, ['first']);
    writeFileSync(join(folder, leftOver), '');

    sweepTempFiles(folder);
    await TempFile.create(folder).then((file) => file.remove());

    expect(readdirSync(folder)).toEqual([leftOver]);
  });

  test('are read by nobody but their owner, from anywhere, and are gone when they are removed', async () => {
    const file = await TempFile.create(folder);
    await file.append(Buffer.from('abc'));
    await file.append(Buffer.from('def'));

    expect((statSync(file.path).mode & 0o777).toString(8)).toBe('600');
    expect([String(await file.read(2, 3)), String(await file.read(4, 100)), file.length]).toEqual(['cde', 'ef', 6]);
    await file.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that somebody cut off are not taken for shorter ones', async () => {
    const file = await TempFile.create(folder);
    await file.append(Buffer.from('abcdef'));

    truncateSync(file.path, 3);

    expect(String(await file.read(0, 6))).toBe('abc');
    await expect(file.read(3, 6)).rejects.toThrow(`The temporary file ${file.path} was cut off by somebody.`);
    await file.remove();
  });
});
