import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UploadedFile } from '../../../src/middleware/form/uploaded-file';

let folder: string;
let otherFolder: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uploaded-file-test-'));
});
afterEach(() => {
  for (const made of [folder, otherFolder]) if (made !== undefined) rmSync(made, { recursive: true, force: true });
});

const inMemory = (content: string) =>
  Object.assign(new UploadedFile('a', 'a', '7bit', 'text/plain'), { buffer: Buffer.from(content) });

const onDisk = (content: string) => {
  otherFolder = mkdtempSync('/dev/shm/uploaded-file-test-');
  const path = join(otherFolder, 'a');
  writeFileSync(path, content, { mode: 0o600 });
  return Object.assign(new UploadedFile('a', 'a', '7bit', 'text/plain'), { path });
};

const isLinux = process.platform === 'linux';
const files: [string, (content: string) => UploadedFile][] = [['in memory', inMemory]];
if (isLinux) files.push(['on another disk', onDisk]);

describe.each(files)('moveTo() of a file %s', (_name, fileOf) => {
  test('takes the place of what is there, and only its owner may read it', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'what was there', { mode: 0o644 });

    await fileOf('content').moveTo(path);

    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['content', 0o600]);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('leaves nothing where it fails', async () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });

    await expect(fileOf('content').moveTo(join(folder, 'a'))).rejects.toThrow();

    expect(readdirSync(folder)).toEqual(['a']);
  });

  // Only root may make a disk that is small enough.
  const onSmallDisk = isLinux && process.getuid?.() === 0 && canMount() ? test : test.skip;
  onSmallDisk('leaves nothing on a full disk, and keeps what was there', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    try {
      const path = join(folder, 'a');
      writeFileSync(path, 'what was there');

      await expect(fileOf('x'.repeat(2_000_000)).moveTo(path)).rejects.toMatchObject({ code: 'ENOSPC' });

      expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['a'], 'what was there']);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

function canMount(): boolean {
  try {
    const there = mkdtempSync(join(tmpdir(), 'uploaded-file-test-'));
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', there], { stdio: 'ignore' });
    execFileSync('umount', [there]);
    rmSync(there, { recursive: true });
    return true;
  } catch {
    return false;
  }
}
