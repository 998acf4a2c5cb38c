import { expectTypeOf } from 'expect-type';
import * as v from 'valibot';
import * as z from 'zod';
import { checkSchema, type StandardSchema, validate } from '../../src/formats/standard-schema';

// arktype itself is an ES module, which jest does not load from CommonJS.
const schemaFunction: StandardSchema<{ name: string }> = Object.assign(() => {}, {
  '~standard': z.object({ name: z.string() })['~standard'],
});

const schemas: [string, StandardSchema<{ name: string }>][] = [
  ['zod', z.object({ name: z.string() })],
  ['valibot', v.object({ name: v.string() })],
  ['a function, as arktype', schemaFunction],
];

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe.each(schemas)('a schema of %s', (_name, schema) => {
  test('gives its output at once', () => {
    expect(validate(schema, { name: 'a' })).toEqual({ name: 'a' });
  });

  test('refuses what does not match with a 422 that has its issues and their place', () => {
    expect(thrownBy(() => validate(schema, { name: 1 }))).toMatchObject({
      status: 422,
      expose: true,
      type: 'entity.schema.failed',
      message: expect.stringMatching(/^The body does not match the schema: name: /),
      issues: [{ message: expect.any(String) }],
    });
  });

  test('names the line that a value came from', () => {
    expect(thrownBy(() => validate(schema, {}, { line: 3 }))).toMatchObject({
      message: expect.stringMatching(/^Line 3 /),
      line: 3,
    });
  });
});

test('a schema that gives a promise is awaited, and its refusal rejects', async () => {
  const schema = z.string().refine(async (text) => text !== 'no');

  const [accepted, refused] = [validate(schema, 'yes'), validate(schema, 'no')];

  expect(await accepted).toBe('yes');
  await expect(refused).rejects.toMatchObject({ status: 422, issues: [{}] });
});

test('a refusal counts the issues behind the first one, and may have none', () => {
  const refusing = (issues: { message: string }[]): StandardSchema<never> => ({
    '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
  });

  const several = thrownBy(() => validate(refusing([{ message: 'one' }, { message: 'two' }, { message: 'three' }]), 1));
  const none = thrownBy(() => validate(refusing([]), 1));

  expect(several).toMatchObject({ message: expect.stringMatching(/: one \(and 2 more\)$/) });
  expect(none).toMatchObject({ status: 422, message: expect.stringMatching(/: no reason given$/) });
});

test('the type of the value is that of the output', () => {
  const value = validate(
    z.string().transform((text) => text.length),
    'abc',
  );

  expectTypeOf(value).toEqualTypeOf<number | Promise<number>>();
  expect(value).toBe(3);
});

test.each([[{}], [null], [{ '~standard': {} }], [() => true]])('what is no schema (%p) is a TypeError', (schema) => {
  expect(() => checkSchema(schema as never)).toThrow(TypeError);
});
