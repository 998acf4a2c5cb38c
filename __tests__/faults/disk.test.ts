import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { post, request } from '../support/fault-client';
import { FaultServer, nothingLeft } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

// security.md, 2: a full and a vanished disk, and processes that are killed.

jest.setTimeout(20_000);

const type = 'Content-Type: multipart/form-data; boundary=b';
const upload = (byteCount: number) =>
  post(
    '/form',
    type,
    `--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n${'x'.repeat(byteCount)}\r\n--b--\r\n`,
  );

let server: FaultServer;
afterEach(() => server.stop());

test('a disk that takes no more bytes is a 5xx, leaves no file, and the next upload is read', async () => {
  server = await FaultServer.start({ largestFileBlocks: 1_024 });

  const { status } = await request(server.port, [upload(8 * 2 ** 20)]);
  expect([500, 507]).toContain(status);
  expect(await server.leftovers()).toEqual(nothingLeft);
  expect((await request(server.port, [upload(200_000)])).status).toBe(200);
  expect(await server.leftovers()).toEqual(nothingLeft);
});

test('a folder that is gone is a 5xx, and uploads are read when it is back', async () => {
  server = await FaultServer.start();
  rmSync(server.folder, { recursive: true });

  const { status } = await request(server.port, [upload(200_000)]);
  expect([500, 507]).toContain(status);
  mkdirSync(server.folder);
  expect((await request(server.port, [upload(200_000)])).status).toBe(200);
  expect(await server.leftovers()).toEqual(nothingLeft);
});

test('a folder that goes away during an upload harms nobody', async () => {
  server = await FaultServer.start();
  const bytes = upload(2 * 2 ** 20);
  const client = await RawClient.connect(server.port);
  await client.send(bytes.subarray(0, 2 ** 20));
  while (readdirSync(server.folder).length === 0) await new Promise(setImmediate);
  rmSync(server.folder, { recursive: true });
  await client.send(bytes.subarray(2 ** 20));

  await client.responses(1);
  client.socket.destroy();
  expect(await server.leftovers()).toEqual(nothingLeft);
});

test('what a killed process leaves is swept by the next one', async () => {
  server = await FaultServer.start();
  const { folder } = server;
  const client = await RawClient.connect(server.port);
  await client.send(upload(2 ** 20).subarray(0, 2 ** 19));
  while (readdirSync(folder).length === 0) await new Promise(setImmediate);
  await server.kill();
  expect(readdirSync(folder)).toHaveLength(1);

  server = await FaultServer.start({ folder });
  await request(server.port, [upload(200_000)]);

  expect(await server.leftovers()).toEqual(nothingLeft);
});
