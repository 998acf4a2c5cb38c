import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

// A temporary file is named pipebody-<machine>-<boot>-<pid>-<random>. The first two tell whose process ids these are:
// a container that shares the folder has others, and after a restart of the machine they all are free.

let home: { readonly machine: string; readonly boot: string } | undefined;

/** Found out with the first file: most processes never keep one, and hashing is 2 ms of everybody's start. */
function findHome() {
  home ??= {
    machine: shortHash(`${hostname()} ${readOr('', () => readlinkSync('/proc/self/ns/pid'))}`),
    boot: shortHash(readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))),
  };
  return home;
}

const namePattern = /^pipebody-([0-9a-f]{8})-([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{32}$/;

/** The mode of files with what a client sent: nobody but their owner reads them. */
export const ownerOnly = 0o600;

/** A path for a new temporary file: nobody can guess it, and nothing of it comes from a client. */
export function newTempFile(folder: string): string {
  const { machine, boot } = findHome();
  return join(folder, `pipebody-${machine}-${boot}-${process.pid}-${randomBytes(16).toString('hex')}`);
}

const sweptFolders = new Set<string>();

/** Removes, once for each folder, the temporary files of our processes that died. Others' files stay, and so do errors. */
export function sweepTempFiles(folder: string): void {
  if (sweptFolders.has(folder)) return;
  sweptFolders.add(folder);
  sweep(folder).catch(() => {});
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (await isLeftOver(name, path)) await rm(path, { force: true }).catch(() => {});
  }
}

async function isLeftOver(name: string, path: string): Promise<boolean> {
  const { machine, boot } = findHome();
  const [, itsMachine, itsBoot, pid] = namePattern.exec(name) ?? [];
  if (itsMachine !== machine) return false;
  if (itsBoot !== boot) return true;
  if (Number(pid) !== process.pid) return !isAlive(Number(pid));
  // A process that had our id before us.
  const file = await stat(path).catch(() => undefined);
  return file !== undefined && file.mtimeMs < performance.timeOrigin;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function readOr(otherwise: string, read: () => string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
