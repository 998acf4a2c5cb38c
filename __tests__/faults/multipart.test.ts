import { post, request, vanish } from '../support/fault-client';
import { cpuMsOf, type FaultRow, survives } from '../support/fault-rows';
import { FaultServer, nothingLeft } from '../support/fault-server';

// security.md, 1a: what was published about parsers of multipart bodies and what keeps uploads.

jest.setTimeout(20_000);

let server: FaultServer;

beforeAll(async () => {
  server = await FaultServer.start();
  // The first large body makes the heap what it stays.
  for (let turn = 0; turn < 2; turn++)
    await request(server.port, [multipart(whole(field('name=a; filename=b', megabytes(32))))]);
});
afterAll(() => server.stop());

const end = '\r\n--b--\r\n';
const section = (header: string, content: Buffer | string = 'x') =>
  Buffer.concat([Buffer.from(`--b\r\n${header}\r\n\r\n`, 'latin1'), Buffer.from(content as string)]);
const field = (parameters: string, content: Buffer | string = 'x') =>
  section(`Content-Disposition: form-data; ${parameters}`, content);
const whole = (...sections: (Buffer | string)[]) =>
  Buffer.concat(
    sections.flatMap((one) => [Buffer.from(one as string), Buffer.from('\r\n')]).concat(Buffer.from(end.slice(2))),
  );
const multipart = (body: Buffer | string, boundary = 'b', path = '/form') =>
  post(path, `Content-Type: multipart/form-data; boundary=${boundary}`, body);
const row = (fault: string, body: Buffer | string, answers: readonly number[], says?: RegExp): FaultRow => ({
  fault,
  bytes: multipart(body),
  answers,
  ...(says && { says }),
});

const manyFiles = (count: number, parameters = 'name=a; filename=b', content = '') =>
  Array.from({ length: count }, () => field(parameters, content));

const manyNames = ['__proto__', 'constructor', 'toString', '__proto__[polluted]', 'constructor[prototype][polluted]'];

const rows: FaultRow[] = [
  row('a section that begins with a folded header', whole(section(' Content-Disposition: form-data; name="a"')), [400]),
  ...manyNames.map((name) =>
    row(`a field named ${name}`, whole(field(`name="${name}"`), field(`name="${name}"`)), [200]),
  ),
  ...manyNames.map((name) => row(`a file named ${name}`, whole(field(`name="${name}"; filename="${name}"`)), [200])),
  row(
    'a section with a header __proto__',
    whole(section('__proto__: x\r\nContent-Disposition: form-data; name=a')),
    [200, 400],
  ),
  row('a bare CR in a name', whole(field('name="a\rb"')), [400]),
  row('a bare LF in a name', whole(field('name="a\nb"')), [400]),
  row('a NUL in a file name', whole(field('name="a"; filename="a\0b.txt"')), [200, 400], /^(?!.*\\u0000)/),
  row('CR LF escaped in a file name', whole(field('name="a"; filename="a%0D%0Ab.txt"')), [200, 400], /^(?!.*\\[rn])/),
  row(
    'CR LF in an extended file name',
    whole(field("name=a; filename*=UTF-8''a%0D%0Ab.txt")),
    [200, 400],
    /^(?!.*\\[rn])/,
  ),
  row('a skipped section before a body that is cut off', `${section('X-Skipped: 1')}\r\n${field('name="a"')}`, [400]),
  row('a delimiter within unfinished headers', '--b\r\nContent-Disposition: form-data; name="a"\r\n--b--\r\n', [400]),
  row('the final delimiter without its second hyphen', `${field('name="a"')}\r\n--b-`, [400]),
  row('a body that ends within a section', field('name="a"', 'half of'), [400]),
  row('a body that ends within the headers of a section', '--b\r\nContent-Disp', [400]),
  row('no section at all', '--b--\r\n', [200, 400]),
  row('an empty body', '', [200, 400]),
  row('a file without a name', whole(field('name=""; filename="a"')), [400]),
  row('a section without a name', whole(field('filename="a"')), [400]),
  row('8 KiB of !filename="1', whole(field(`name=a; ${'!filename="1'.repeat(680)}`)), [400]),
  row(
    '8 KiB of quotes and backslashes in a file name',
    whole(field(`name="${'\\"'.repeat(4_000)}"`)),
    [413],
    /LIMIT_FIELD_KEY/,
  ),
  row('an extended file name that cannot be decoded', whole(field("name=a; filename*=UTF-8''%E0%A4%A")), [400]),
  row(
    '17 headers in a section',
    whole(section(`${'X-A: b\r\n'.repeat(16)}Content-Disposition: form-data; name=a`)),
    [413],
  ),
  row('20 KiB of headers in a section', whole(section(`X-A: ${'b'.repeat(20_480)}`)), [413]),
  row(
    '1,001 fields',
    whole(...Array.from({ length: 1_001 }, () => field('name=a'))),
    [413],
    /LIMIT_(PART|FIELD)_COUNT/,
  ),
  row('10,000 sections without a name', whole(...Array.from({ length: 10_000 }, () => section('X-A: b'))), [413]),
  row('101 files', whole(...Array.from({ length: 101 }, () => field('name=a; filename=b'))), [413], /LIMIT_FILE_COUNT/),
  row('a name nested 600 deep', whole(field(`name="a${'[a]'.repeat(600)}"`)), [400, 413]),
  row('an index of 999,999,999', whole(field('name="a[999999999]"')), [400, 413]),
  row('a name of 2,049 bytes', whole(field(`name="${'a'.repeat(2_049)}"`)), [413], /LIMIT_FIELD_KEY/),
  row('a path as the name of a file', whole(field('name=a; filename="../../etc/passwd"')), [200], /"passwd"/),
  row('a path of Windows as the name of a file', whole(field('name=a; filename="C:\\..\\x.txt"')), [200], /"x.txt"/),
  row('a field named files with a path', whole(field('name="files[0][path]"', '/etc/passwd')), [200], /"files":\[\]/),
  row('a space before the = of a parameter', whole(field('name ="a"; filename ="b"')), [200], /\["a","b",1\]/),
  row('a name with a space before its = beside one without', whole(field('name="a"; name ="b"')), [400]),
  row(
    'a file name with a space before its = beside one without',
    whole(field('name=a; filename ="b"; filename="c"')),
    [400],
  ),
  row('content in a file without a file name', whole(field('name=a; filename=""')), [200], /"fields":\{"a":"x"\}/),
  {
    fault: 'a space before the = of its boundary, beside another boundary',
    bytes: multipart(whole(field('name=a')), 'a; boundary =b'),
    answers: [400],
  },
  {
    fault: '25,000 empty files',
    bytes: multipart(whole(...manyFiles(25_000)), 'b', '/form/unlimited'),
    answers: [200],
  },
  {
    fault: '25,000 file inputs in which nothing was chosen',
    bytes: multipart(
      whole(...manyFiles(25_000, 'name=a; filename=""\r\nContent-Type: image/png')),
      'b',
      '/form/unlimited',
    ),
    answers: [200],
    says: /"files":\[\]/,
  },
  {
    fault: '25,000 empty files before a section that is none',
    bytes: multipart(whole(...manyFiles(25_000), section(' none')), 'b', '/form/unlimited'),
    answers: [400],
  },
  {
    fault: '5,000 files on the disk before a section that is none',
    bytes: multipart(whole(...manyFiles(5_000, 'name=a; filename=b', 'x'), section(' none')), 'b', '/form/on-disk'),
    answers: [400],
  },
  { fault: 'two boundaries', bytes: multipart(whole(field('name=a')), 'a; boundary=b'), answers: [400] },
  { fault: 'a boundary of 300 bytes', bytes: multipart(`--${'b'.repeat(300)}\r\n`, 'b'.repeat(300)), answers: [400] },
  { fault: 'an empty boundary', bytes: multipart('----\r\n', '""'), answers: [400] },
  {
    fault: 'files in JSON',
    bytes: post('/json', 'Content-Type: application/json', '{"files":[{"path":"/etc/passwd"}]}'),
    answers: [200],
  },
];

describe('a form with', () => {
  test.each(rows)('$fault harms nobody', (fault) => survives(server, fault));
});

describe('150 ms of CPU are enough to refuse', () => {
  test.each([
    ['10,000 sections', whole(...Array.from({ length: 10_000 }, () => section('X-A: b')))],
    ['10,000 fields', whole(...Array.from({ length: 10_000 }, () => field('name=a')))],
    ['16 KiB of parameters', whole(section(`Content-Disposition: form-data${'; a=b'.repeat(3_200)}`))],
    ['16 KiB of spaces', whole(section(`Content-Disposition:${' '.repeat(16_000)}form-data`))],
    ['1 MiB of CR', whole(Buffer.alloc(2 ** 20, '\r'))],
  ])('%s', async (_name, body) => {
    expect(await cpuMsOf(server, multipart(body))).toBeLessThan(150);
  });
});

describe('a filter', () => {
  const twoFiles = whole(field('name=a; filename=a'), field('name=b; filename=b'), field('name=c'));

  test.each([
    ['throws', 500],
    ['rejects', 500],
    ['rejects-late', 200],
    ['throws-late', 200],
    ['calls-back-twice', 200],
  ])('that %s is a %i and leaves nothing', async (name, status) => {
    await survives(server, { fault: '', bytes: multipart(twoFiles, 'b', `/form/filter/${name}`), answers: [status] });
  });

  test.each(['throws', 'rejects', 'rejects-late', 'never-answers'])(
    'that %s leaves nothing of a client that goes away at any byte',
    async (name) => {
      const bytes = multipart(twoFiles, 'b', `/form/filter/${name}`);

      for (let at = bytes.indexOf('--b\r\n'); at <= bytes.length; at++) {
        await vanish(server.port, bytes.subarray(0, at));
      }
      expect(await server.leftovers()).toEqual(nothingLeft);
    },
  );
});

const megabytes = (count: number, of = 'x') => Buffer.alloc(count * 2 ** 20, of);

describe('memory stays within 40 MiB for', () => {
  test.each([
    [
      '48 MiB before the first delimiter',
      Buffer.concat([megabytes(48), Buffer.from('\r\n'), whole(field('name=a'))]),
      [200, 400, 413],
    ],
    ['48 MiB after the last delimiter', Buffer.concat([whole(field('name=a')), megabytes(48)]), [200, 400, 413]],
    ['a field of 48 MiB', whole(field('name=a', megabytes(48))), [413]],
    ['48 MiB of headers', Buffer.concat([Buffer.from('--b\r\nX: '), megabytes(48)]), [413]],
    ['a file of 48 MiB', whole(field('name=a; filename=b', megabytes(48))), [200]],
    ['a file of 48 MiB that nearly is a delimiter', whole(field('name=a; filename=b', megabytes(48, '\r\n--'))), [200]],
  ])('%s', async (_name, body, answers) => {
    server.forgetPeak();
    const before = server.residentBytes;

    const { status } = await request(server.port, [multipart(body)]);

    expect(answers).toContain(status);
    expect(server.peakBytes - before).toBeLessThan(40 * 2 ** 20);
    expect(await server.leftovers()).toEqual(nothingLeft);
  });
});

test('what nearly is a delimiter costs at most four times as much as plain bytes', async () => {
  const costOf = (content: Buffer) => cpuMsOf(server, multipart(whole(field('name=a; filename=b', content))));
  const plain = await costOf(megabytes(8));

  for (const near of ['\r', '\r\n', '\r\n--', '\r\n--a']) {
    expect(await costOf(megabytes(8, near))).toBeLessThan(4 * plain + 50);
  }
});
