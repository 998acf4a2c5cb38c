import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { accessSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Pool } from 'pg';

// A PostgreSQL: that of DATABASE_URL, or one of Debian's package in a folder that is gone with this process.

const versionsFolder = '/usr/lib/postgresql';

/** Where initdb and the others are; undefined where PostgreSQL is not installed. */
export function postgresPrograms(): string | undefined {
  try {
    const [newest] = readdirSync(versionsFolder).sort((one, other) => Number(other) - Number(one));
    const programs = join(versionsFolder, String(newest), 'bin');
    accessSync(join(programs, 'initdb'));
    return programs;
  } catch {
    return undefined;
  }
}

export async function connectPool(): Promise<Pool> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL !== undefined) return watch(new Pool({ connectionString: DATABASE_URL }));
  const programs = postgresPrograms();
  if (programs === undefined) {
    throw new Error(`There is no PostgreSQL in ${versionsFolder}: install postgresql, or set DATABASE_URL.`);
  }
  return watch(new Pool({ host: await startPostgres(programs), user: 'postgres', database: 'postgres' }));
}

/** A connection that is lost while nobody uses it is an event of the pool's, which makes another one. */
function watch(pool: Pool): Pool {
  return pool.on('error', (error) => console.error(error.message));
}

/** The folder of its socket; it listens nowhere else. */
async function startPostgres(programs: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pipebody-postgres-'));
  const data = join(folder, 'data');
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const options = { ...owner, cwd: folder };
  process.once('exit', () => {
    spawnSync(join(programs, 'pg_ctl'), ['stop', '-D', data, '-m', 'immediate'], options);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit());
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    options,
  );
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  for await (const line of createInterface(server.stderr)) {
    said.push(line);
    if (!line.endsWith('database system is ready to accept connections')) continue;
    // What it says later is said to nobody, but read.
    server.stderr.resume();
    return folder;
  }
  throw new Error(`PostgreSQL did not start: ${said.join('\n')}`);
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'postgres']));
}
