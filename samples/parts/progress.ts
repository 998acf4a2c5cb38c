import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Request, Router } from 'express';

// What happens to the requests under way, told to every open page: one stream for all of them, because a browser opens
// six connections to a server at most.

const reports = new EventEmitter().setMaxListeners(0);
const reportedAt = new WeakMap<IncomingMessage, number>();
const pauseMs = 50;
/** What a page that does not read leaves unread at most; it then misses reports. */
const maxUnreadBytes = 65_536;

/** Tells the pages about the request that has the id. */
export function report(id: unknown, facts: object): void {
  reports.emit('report', `data: ${JSON.stringify({ id, ...facts })}\n\n`);
}

/** The same for a count that grows: at most 20 times a second, for the request's parameter `id`. */
export function reportProgress(request: IncomingMessage, facts: object): void {
  const now = performance.now();
  if (now - (reportedAt.get(request) ?? Number.NEGATIVE_INFINITY) < pauseMs) return;
  reportedAt.set(request, now);
  report((request as Request).params['id'], facts);
}

export const progress = Router();

progress.get('/events', (req, res) => {
  const send = (event: string) => {
    if (res.writableLength < maxUnreadBytes) res.write(event);
  };
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write('retry: 1000\n\n');
  reports.on('report', send);
  req.signal.addEventListener('abort', () => reports.off('report', send));
});
