import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import multer from 'multer';
import { type FormOptions, form } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';
import { multipartBody } from '../../support/multipart-body';
import { postHead, RawClient } from '../../support/raw-client';

const type = 'multipart/form-data; boundary=bound';
const isLinux = process.platform === 'linux';
const onLinux = isLinux ? describe : describe.skip;
const why = isLinux ? '' : ' (skipped: disks are made by mount, and descriptors counted in /proc)';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'form-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nextTurn = () => new Promise(setImmediate);
const emptied = async () => {
  while (readdirSync(folder).length > 0) await nextTurn();
};
const countOfListeners = (...emitters: NodeJS.EventEmitter[]) =>
  emitters.flatMap((emitter) => emitter.eventNames().flatMap((name) => emitter.listeners(name))).length;

const countOfDescriptors = () => readdirSync('/proc/self/fd').length;

const fileOf = (length: number) =>
  multipartBody('bound', [{ name: 'a', filename: 'a', content: Buffer.alloc(length, 'x') }]);

const post = async ({ url }: RunningServer, body: Buffer) => {
  const response = await fetch(url, { method: 'POST', body, headers: { 'Content-Type': type } });
  return { status: response.status, ...JSON.parse(await response.text()) };
};

onLinux(`an upload to a full disk${why}`, () => {
  const canMount = process.getuid?.() === 0 && canRun('mount');
  const onSmallDisk = canMount ? test : test.skip;
  const whyNot = canMount ? '' : ' (skipped: only root may make a disk that is small enough)';

  onSmallDisk.each([
    ['tempDir', () => ({ tempDir: folder }), 0],
    ['dest', () => ({ dest: folder }), 1],
  ] as [string, () => FormOptions, number][])(
    `is a 507 with "%s", and leaves room for the next${whyNot}`,
    async (_n, options, kept) => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
      const server = await (hosts[0] as (typeof hosts)[0]).start(form(options()) as TestHandler, (_req, res) =>
        res.end('{}'),
      );
      try {
        for (const length of [1_100_000, 5_000_000]) {
          expect(await post(server, fileOf(length))).toMatchObject({
            status: 507,
            type: 'form.storage.full',
            code: 'ENOSPC',
          });
          expect(readdirSync(folder)).toEqual([]);
        }
        expect(await post(server, fileOf(900_000))).toMatchObject({ status: 200 });
        while (readdirSync(folder).length > kept) await nextTurn();
      } finally {
        await server.close();
        execFileSync('umount', [folder]);
      }
    },
  );
});

function canRun(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

onLinux.each([hosts[0], hosts[1], hosts[3]] as (typeof hosts)[0][])(
  `a client that goes away on $name${why}`,
  (host) => {
    test.each([
      ['temporary files', () => ({ tempDir: folder, memoryThreshold: 2 })],
      ['"dest"', () => ({ dest: folder })],
      ["multer's disk storage", () => ({ storage: multer.diskStorage({ destination: folder }) as never })],
    ] as [string, () => FormOptions][])(
      'after any byte leaves no file, descriptor or listener: %s',
      async (_name, options) => {
        const parse = form(options()) as TestHandler;
        const errors: unknown[] = [];
        const added: number[] = [];
        let reached = () => {};
        const server = await host.start((req, res, next) => {
          const { socket } = req;
          const before = countOfListeners(req, socket);
          reached();
          parse(req, res, (error) => {
            errors.push(error);
            added.push(Math.max(0, countOfListeners(req, socket) - before));
            next(error);
          });
        });
        const body = multipartBody('bound', [
          { name: 'a', filename: 'a', content: 'content' },
          { name: 'b', content: 'é' },
          { name: 'c', filename: 'c', content: 'more of it' },
        ]);
        const before = countOfDescriptors();

        for (let end = 0; end < body.length; end += 1) {
          const isReached = new Promise<void>((resolve) => {
            reached = resolve;
          });
          const client = await RawClient.connect(server.port);
          await client.send(postHead(body.length, `Content-Type: ${type}`));
          await client.send(body.subarray(0, end));
          await isReached;
          client.reset();
          while (errors.length <= end) await nextTurn();
        }

        await emptied();
        while (countOfDescriptors() > before) await nextTurn();
        expect(errors).toEqual(errors.map(() => expect.objectContaining({ type: 'request.aborted' })));
        expect(added).toEqual(added.map(() => 0));
        await server.close();
      },
    );
  },
);

onLinux(`a process that is killed in the middle of 20 uploads${why}`, () => {
  let child: ChildProcess;
  const start = async () => {
    child = spawn(process.execPath, ['-r', 'esbuild-register', '__tests__/support/upload-server.ts', folder], {
      cwd: resolve(__dirname, '../../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    return Number(printed);
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  // It must not outlive a test that failed.
  afterEach(() => child.kill('SIGKILL'));

  test('leaves nothing after its next start but the files of others', async () => {
    const port = await start();
    const body = fileOf(1_000_000);
    for (let count = 0; count < 20; count += 1) {
      const client = await RawClient.connect(port);
      await client.send(postHead(body.length, `Content-Type: ${type}`));
      await client.send(body.subarray(0, 300_000));
    }
    while (readdirSync(folder).length < 20) await nextTurn();
    await kill();
    writeFileSync(join(folder, 'foreign'), '');

    await start();

    while (readdirSync(folder).length > 1) await nextTurn();
    expect(readdirSync(folder)).toEqual(['foreign']);
    await kill();
  });
});

onLinux(`200 uploads at once${why}`, () => {
  test('all succeed and leave nothing', async () => {
    const server = await (hosts[0] as (typeof hosts)[0]).start(form({ tempDir: folder }) as TestHandler, (req, res) => {
      const [{ size }] = (req as never as { files: [{ size: number }] }).files;
      res.end(JSON.stringify({ size }));
    });
    const body = fileOf(300_000);

    const answers = await Promise.all(Array.from({ length: 200 }, () => post(server, body)));

    expect(answers).toEqual(answers.map(() => ({ status: 200, size: 300_000 })));
    await emptied();
    await server.close();
  });
});
