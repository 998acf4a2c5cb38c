import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { RawClient } from '../support/raw-client';
import { formOf, type RunningSample, startSample } from '../support/sample';

const S3rver = require('s3rver') as new (
  options: object,
) => { run(): Promise<AddressInfo>; close(): Promise<void>; httpServer: Server };

describe('upload to an S3-compatible store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upload-to-s3-'));
  const key = 'S3RVER';
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: folder,
    configureBuckets: [{ name: 'uploads' }],
  });
  let sample: RunningSample;
  let client: S3Client;

  beforeAll(async () => {
    const endpoint = `http://127.0.0.1:${(await server.run()).port}`;
    client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: key, secretAccessKey: key },
    });
    sample = await startSample('upload', {
      S3_BUCKET: 'uploads',
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: key,
    });
  });

  afterAll(async () => {
    await sample.stop();
    client.destroy();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  async function keysOf(): Promise<string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'uploads' }));
    return Contents.map(({ Key }) => Key as string);
  }

  test.each([5, 6_000_000])('keeps a file of %i bytes there, and removes it', async (length) => {
    const content = Buffer.alloc(length, 'abc\r\n\0é');
    const body = formOf(content);
    const kept = await (await fetch(`${sample.url}/uploads/a`, { method: 'POST', body })).json();
    const [Key] = await keysOf();
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'uploads', Key: Key as string }));
    const stored = await Body?.transformToByteArray();
    await fetch(`${sample.url}/uploads`, { method: 'DELETE' });

    expect(kept).toMatchObject([
      { originalname: 'a.txt', size: length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(content.equals(stored as Uint8Array)).toBe(true);
    expect(await keysOf()).toEqual([]);
  });

  /** Waits until the store has answered a request. */
  function answered(method: string, query: RegExp): Promise<void> {
    return new Promise((resolve) => {
      server.httpServer.on('request', (req: IncomingMessage, res: ServerResponse) => {
        if (req.method === method && query.test(req.url as string)) res.on('finish', resolve);
      });
    });
  }

  test('leaves nothing there of a client that goes: neither its whole file nor the parts of the other', async () => {
    const isPartSent = answered('PUT', /partNumber=1/);
    // s3rver does not know how to remove parts; that it is asked to is what can be seen.
    const areRemoved = Promise.all([answered('DELETE', /uploadId=/), answered('DELETE', /DeleteObject/)]);
    const raw = await RawClient.connect(sample.port);
    const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
    await raw.send(`POST /uploads/b HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n`);
    await raw.send(`Content-Length: 90000000\r\n\r\n${part('whole')}hello\r\n${part('broken-off')}`);
    const rest = raw.send('x'.repeat(11_000_000));
    await isPartSent;
    raw.reset();
    await areRemoved;
    await rest;

    expect(await keysOf()).toEqual([]);
  });
});
