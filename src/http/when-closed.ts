import type { ServerResponse } from 'node:http';

const kWaiting = Symbol('pipebody.whenClosed');

type ClosingResponse = ServerResponse & { [kWaiting]?: (() => void)[] };

/** Called when a response finished or was cut off. One listener for all: many would look like a leak to Node. */
export function whenClosed(response: ClosingResponse, callback: () => void): void {
  if (response[kWaiting] === undefined) {
    const waiting: (() => void)[] = [];
    response[kWaiting] = waiting;
    response.once('close', () => {
      for (const waits of waiting.splice(0)) waits();
    });
  }
  response[kWaiting].push(callback);
}
