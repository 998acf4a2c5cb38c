import autocannon from 'autocannon';
import { answerParent } from '../runner/child';
import type { Exchange, LoadResult } from './exchange';

// The process of the load generator where there is no wrk.

interface LoadOrder {
  readonly port: number;
  readonly exchange: Exchange;
  readonly seconds: number;
  readonly connections: number;
}

answerParent({
  async load({ port, exchange, seconds, connections }: LoadOrder): Promise<LoadResult> {
    const { method, headers, body } = exchange;
    const result = await autocannon({
      url: `http://127.0.0.1:${port}/`,
      connections,
      duration: seconds,
      method,
      headers: { ...headers },
      ...(body === '' ? {} : { body }),
    });
    if (result.errors + result.timeouts + result.non2xx > 0) {
      throw new Error(`${result.errors} errors, ${result.timeouts} timeouts, ${result.non2xx} answers other than 2xx.`);
    }
    return { requests: result.requests.total, seconds: result.duration };
  },
});
