/** The members of requests, or of responses. */
export interface MemberSet {
  /** Those to hang on a prototype (or object), which build on what it has under these names. */
  readonly hangingOn: (target: object) => PropertyDescriptorMap;
  /** Those by which bytes and values come and go: they go on where a message is given another prototype. */
  readonly kept: readonly PropertyKey[];
  /** Where a message keeps its body. */
  readonly slot: symbol;
}
