import { noSchema, type Place, schemaFailed } from './errors';

/**
 * What a schema of zod, valibot, arktype and others is to us: Standard Schema 1 (https://standardschema.dev).
 *
 * Declared here, so that users need no package of types.
 */
export interface StandardSchema<Output = unknown> {
  /** What the libraries agreed on: `validate` gives the value, or the issues. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** One thing that a schema finds wrong with a value. */
export interface SchemaIssue {
  /** What is wrong, in the words of the schema. */
  readonly message: string;
  /** Where in the value: keys, or objects that have the key. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What `validate` of a schema gives: the value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Refuses what is no Standard Schema with a `TypeError`: without this it would be found out in a request. */
export function checkSchema(schema: StandardSchema | undefined): void {
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') throw noSchema();
}

/**
 * What the schema makes of the value. One that does not match is a 422, `entity.schema.failed`, with its `issues`, and
 * with its place, if it is one of many: the number of its `line`, or of its `element` with the `offset`.
 *
 * A promise only where the schema gives one.
 */
export function validate<Output>(
  schema: StandardSchema<Output>,
  value: unknown,
  place?: Place,
): Output | Promise<Output> {
  const result = schema['~standard'].validate(value);
  return 'then' in result ? result.then((settled) => outputOf(settled, place)) : outputOf(result, place);
}

function outputOf<Output>(result: SchemaResult<Output>, place: Place | undefined): Output {
  if (result.issues) throw schemaFailed(firstOf(result.issues), result.issues, place);
  return result.value;
}

function firstOf(issues: readonly SchemaIssue[]): string {
  const [first] = issues;
  const path = first?.path?.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${path ? `${path}: ` : ''}${first?.message ?? 'no reason given'}${more}`;
}
