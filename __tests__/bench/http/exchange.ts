/** What every client sends, and what every server must answer. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: string;
}

/** What a load generator got done. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
}

/** A small JSON body of exactly so many bytes (at least 120), as an API may get it. */
export function orderOf(byteCount: number): string {
  const order = { name: 'Ada Lovelace', email: 'ada@example.org', amount: 12.5, isPaid: true, tags: ['new', 'gift'] };
  const bytesWithoutNote = Buffer.byteLength(JSON.stringify({ ...order, note: '' }));
  return JSON.stringify({ ...order, note: 'x'.repeat(byteCount - bytesWithoutNote) });
}
