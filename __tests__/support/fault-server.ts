import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Reply, request } from './fault-client';
import type { Address } from './raw-client';

/** How the application listens. */
export const faultHosts = ['createServer()', 'app.listen() and pipeBody()', 'https and messageClasses()'] as const;
export type FaultHost = (typeof faultHosts)[number];

/** What the application says of itself when it is asked. */
export interface Report {
  /** Handlers that ran. */
  readonly handled: number;
  /** Handlers that have not come to their end. */
  readonly running: number;
  /** CPU time since the last mark. */
  readonly cpuMs: number;
  /** CPU time of the longest turn of the event loop since it was watched. */
  readonly longestTurnMs: number;
  readonly heapBytes: number;
  readonly connections: number;
  /** The most listeners that one of them has. */
  readonly socketListeners: number;
  /** What somebody put on a prototype that all objects have. */
  readonly polluted: readonly string[];
  readonly files: readonly string[];
}

interface FaultServerOptions {
  readonly host?: FaultHost;
  /** Whether it takes what asks for another protocol, and for a tunnel. */
  readonly upgrades?: boolean;
  /** Blocks of 1,024 bytes that a file may have: the system refuses to write more. */
  readonly largestFileBlocks?: number;
  /** That of a server before it; default a new one. */
  readonly folder?: string;
}

const root = resolve(__dirname, '../..');
const defaultSettleMs = 5_000;
/** The first, which fills what stays, and three that count. */
const growthRounds = 4;

/** The application of fault-application.ts in a process of its own, watched from outside. */
export class FaultServer {
  readonly port: number;
  readonly address: Address;
  /** Where it keeps its temporary files. */
  readonly folder: string;
  readonly #process: ChildProcess;
  #printed = '';
  #descriptorsAtStart = 0;
  #answer: { resolve: (report: Report) => void; reject: (error: Error) => void } | undefined;

  private constructor(process: ChildProcess, address: Address, folder: string) {
    this.#process = process;
    this.port = address.port;
    this.address = address;
    this.folder = folder;
    process.stderr?.on('data', (text) => {
      this.#printed += String(text);
    });
    process.on('message', (report) => this.#answer?.resolve(report as Report));
    process.on('exit', () => this.#answer?.reject(this.#crash()));
  }

  static async start(options: FaultServerOptions = {}): Promise<FaultServer> {
    const { host = 'createServer()', upgrades = false, largestFileBlocks } = options;
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'pipebody-faults-'));
    const program = [join(__dirname, 'fault-application.ts'), host, folder, ...(upgrades ? ['upgrades'] : [])];
    const node = [process.execPath, '-r', 'esbuild-register', ...program];
    // Without the trap, the system would end the process that writes too much.
    const limited = ['sh', '-c', `trap '' XFSZ; ulimit -f ${largestFileBlocks}; exec "$@"`, 'sh', ...node];
    const [command = '', ...args] = largestFileBlocks === undefined ? node : limited;
    const child = spawn(command, args, {
      cwd: root,
      // Express prints errors that reach it, other than in tests.
      env: { ...process.env, NODE_ENV: 'test' },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const server = new FaultServer(child, { port, isSecure: host.startsWith('https') }, folder);
    // Everything is loaded and compiled once before something is counted.
    await server.askAnything();
    server.#descriptorsAtStart = server.descriptors - (await server.report()).connections;
    return server;
  }

  /** Open descriptors of the process, as the system counts them. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.#process.pid}/fd`).length;
  }

  /** The most memory that the process had since {@link forgetPeak}. */
  get peakBytes(): number {
    return this.#memory('VmHWM');
  }

  get residentBytes(): number {
    return this.#memory('VmRSS');
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.#process.pid}/clear_refs`, '5');
  }

  /** Answers the question after what it says was done: `mark` lets `cpuMs` begin anew, `collect` collects garbage. */
  async report(after: 'now' | 'mark' | 'watch turns' | 'collect' = 'now'): Promise<Report> {
    const answer = new Promise<Report>((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
    if (this.#hasExited) this.#answer?.reject(this.#crash());
    else this.#process.send(after);
    return answer;
  }

  /** What is left behind, once everything that goes by itself has gone: nothing, where all is well. */
  async leftovers(withinMs = defaultSettleMs): Promise<object> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const left = await this.#left();
      if (JSON.stringify(left) === JSON.stringify(nothingLeft) || Date.now() > deadline) return left;
      await new Promise(setImmediate);
    }
  }

  /**
   * The bytes that `wave` leaves behind, done again and again: the least of a few rounds after a first one. The system
   * takes memory in lumps, and keeps some; what a wave leaves behind, it leaves each time.
   */
  async leastGrowth(wave: () => Promise<unknown>, waves: number): Promise<number> {
    const growths: number[] = [];
    let before = Infinity;
    for (let round = 0; round < growthRounds; round++) {
      for (let turn = 0; turn < waves; turn++) await wave();
      await this.leftovers();
      await this.report('collect');
      growths.push(this.residentBytes - before);
      before = this.residentBytes;
    }
    return Math.min(...growths.slice(1));
  }

  /** Asks for something ordinary, which a server that is well answers. */
  async askAnything(): Promise<Reply> {
    const head = 'POST /json HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\n';
    return request(this.address, [`${head}Content-Length: 8\r\n\r\n{"a":[]}`]);
  }

  /** Ends the process without a last word. */
  async kill(): Promise<void> {
    if (this.#hasExited) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #left(): Promise<object> {
    if (this.#hasExited) return { crashed: this.#printed };
    const { body } = await this.askAnything();
    const { connections, running, files, polluted } = await this.report();
    const descriptors = Math.max(0, this.descriptors - connections - this.#descriptorsAtStart);
    return { answer: body, connections, running, descriptors, files, polluted, printed: this.#printed };
  }

  get #hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #crash(): Error {
    return new Error(`The application has crashed: ${this.#printed}`);
  }

  #memory(name: string): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
  }
}

/** What {@link FaultServer.leftovers} says of a server that is as it was at its start. */
export const nothingLeft = {
  answer: '{"a":[]}',
  connections: 0,
  running: 0,
  descriptors: 0,
  files: [],
  polluted: [],
  printed: '',
};
