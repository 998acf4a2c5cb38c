import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  DecodeMessage,
  decodeChannel,
  ReadMessage,
  readChannel,
  WriteMessage,
  writeChannel,
} from '../../src/http/body-channels';
import { pageOf, tablesOf } from '../support/read-docs';

const tables = tablesOf({ path: '', text: pageOf('docs/telemetry.md') });
const request = { headers: {} } as IncomingMessage;

const rowsOf = (head: string) => tables.find(([first]) => first?.[0] === head)?.slice(1) ?? [];
const namesIn = (cell = '') => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name as string);

test.each([
  ['ReadMessage', new ReadMessage(request, 'json'), ['request']],
  ['DecodeMessage', new DecodeMessage(request, []), ['request']],
  ['WriteMessage', new WriteMessage({ req: request } as ServerResponse), ['request', 'response']],
])('docs/telemetry.md tells every field of %s, and no other', (name, message, getters) => {
  const told = rowsOf(`\`${name}\``).flatMap(([cell]) => namesIn(cell));

  expect(told.sort()).toEqual([...Object.keys(message), ...getters].sort());
});

test('docs/telemetry.md tells the channels by their names', () => {
  const names = [readChannel, decodeChannel, writeChannel].map(({ start }) => `tracing:${rowName(start.name)}:start`);

  expect(rowsOf('channel').map(([cell]) => `tracing:${namesIn(cell)[0]}:start`)).toEqual(names);
});

function rowName(name: string | symbol): string {
  return String(name).split(':')[1] ?? '';
}
