/** What functions of the application call when they have an answer, as multer's do. */
export type AnswerCallback<Answer> = (error: unknown, answer?: Answer) => void;

/** The answer of a function that calls back. As in multer, what is falsy is no error. */
export function calledBack<Answer>(call: (callback: AnswerCallback<Answer>) => unknown): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const result = call((error, answer) => (error ? reject(error) : resolve(answer)));
    whenRejected(result, reject);
  });
}

/** An async function that throws never calls back: its request would wait for ever, and the process end by the rejection. */
export function whenRejected(result: unknown, fail: (error: unknown) => void): void {
  if (result instanceof Promise) result.catch(fail);
}
