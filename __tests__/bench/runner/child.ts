import { type ChildProcess, fork } from 'node:child_process';

/** What a child answers: by the name of the question. */
export type Answers = Record<string, (argument: never) => unknown>;

type Reply = { answer: unknown } | { failure: string };

interface ChildOptions {
  execArgv?: string[];
  env?: Record<string, string>;
}

// glibc gives memory back and takes it again, and the same upload costs one or three times as much (performance.md).
const steadyMalloc = { MALLOC_TRIM_THRESHOLD_: '1073741824', MALLOC_TOP_PAD_: '67108864' };

const running = new Set<ChildProcess>();

/** Kills every process that was started here and still runs. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Has {@link killChildren} see to it that a process is gone when this one is. */
export function track<Process extends ChildProcess>(child: Process): Process {
  running.add(child);
  return child.once('exit', () => running.delete(child));
}

/** Ends this process, and with it its children, when it is told to or when its parent is gone. */
export function endWithSignals(): void {
  process.once('exit', killChildren);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  process.once('disconnect', () => process.exit(1));
}

/** Starts a TypeScript file in a process of its own. */
export function startChild(file: string, args: string[], options: ChildOptions = {}): Child {
  return new Child(file, args, options);
}

/** A process that answers one question after the other. */
export class Child {
  readonly #process: ChildProcess;
  readonly #file: string;

  constructor(file: string, args: string[], { execArgv = [], env = {} }: ChildOptions) {
    this.#file = file;
    this.#process = track(
      fork(file, args, {
        execArgv: [...process.execArgv, ...execArgv],
        env: { ...process.env, ...steadyMalloc, ...env },
      }),
    );
  }

  onExit(listener: (code: number) => void): void {
    this.#process.once('exit', (code) => listener(code ?? 1));
  }

  /** The answer; an error when the child fails, exits or takes longer than `timeoutMs`. */
  ask<Answer>(question: string, argument?: unknown, timeoutMs = 60_000): Promise<Answer> {
    const child = this.#process;
    return new Promise<Answer>((resolve, reject) => {
      const settle = (settleWith: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit).off('error', onError);
        settleWith();
      };
      const fail = (reason: string) => settle(() => reject(new Error(`${this.#file}, "${question}": ${reason}`)));
      const onMessage = (reply: Reply) =>
        'failure' in reply ? fail(reply.failure) : settle(() => resolve(reply.answer as Answer));
      const onExit = (code: number | null, signal: string | null) => fail(`it exited with ${code ?? signal}.`);
      const onError = (error: Error) => fail(String(error));
      const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms.`), timeoutMs);
      child.on('message', onMessage).on('exit', onExit).on('error', onError);
      if (child.connected) child.send({ question, argument });
      else fail('it has exited.');
    });
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** In the child: answers the parent's questions until the parent is gone. */
export function answerParent(answers: Answers): void {
  endWithSignals();
  process.on('message', async ({ question, argument }: { question: string; argument: unknown }) => {
    try {
      reply({ answer: await answers[question]?.(argument as never) });
    } catch (error) {
      reply({ failure: (error as Error).stack ?? String(error) });
    }
  });
}

function reply(message: Reply): void {
  process.send?.(message, () => {});
}
