/**
 * A second opinion beside the local AWS's own, written from AWS's documented rules for policies of one account: an
 * explicit deny wins, then any allow, else no. It refuses what it does not know instead of guessing, so a policy that
 * outgrows it fails a test.
 */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Principal?: Record<string, string | string[]>;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | PolicyStatement[];
}

/** Values of condition keys. A key of several values, such as `sagemaker:InstanceTypes`, has a list. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys with their values; a key that is missing here is missing in the request. */
  readonly context?: RequestContext;
  /** ARN of the caller; only for documents that name principals (trust policies). */
  readonly principal?: string;
}

const KNOWN_KEYS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

/** Whether the documents together allow the request. */
export function permits(documents: readonly PolicyDocument[], request: AccessRequest): boolean {
  const effects = documents
    .flatMap(statementsOf)
    .filter((statement) => matches(statement, request))
    .map((statement) => statement.Effect);
  return !effects.includes('Deny') && effects.includes('Allow');
}

/** The document without an action; statements that have no other go. */
export function withoutAction(document: PolicyDocument, action: string): PolicyDocument {
  const Statement = statementsOf(document)
    .map((statement) => ({ ...statement, Action: listOf(statement.Action).filter((one) => one !== action) }))
    .filter((statement) => statement.Action.length > 0);
  return { ...document, Statement };
}

/** All actions that the documents name, each once, sorted. */
export function actionsOf(documents: readonly PolicyDocument[]): string[] {
  return [...new Set(documents.flatMap(statementsOf).flatMap((statement) => listOf(statement.Action)))].sort();
}

export function statementsOf(document: PolicyDocument): PolicyStatement[] {
  return listOf(document.Statement);
}

function matches(statement: PolicyStatement, request: AccessRequest): boolean {
  const unknown = Object.keys(statement).find((key) => !KNOWN_KEYS.has(key));
  if (unknown) { throw new Error(`the evaluator does not know ${unknown}: extend test/support/policy-evaluator.ts`); }
  // Trust policies have no resource: they belong to one.
  const resources = statement.Resource === undefined ? [request.resource] : listOf(statement.Resource);
  return (
    listOf(statement.Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase()))
    && resources.some((pattern) => like(pattern, request.resource))
    && (statement.Principal === undefined || isPrincipal(statement.Principal, request.principal))
    && Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      holds(operator, keys, request.context ?? {}),
    )
  );
}

function isPrincipal(named: Record<string, string | string[]>, caller: string | undefined): boolean {
  if (caller === undefined) { throw new Error('a statement names principals: give the request one'); }
  return Object.entries(named).some(([kind, values]) => listOf(values).some((value) => {
    if (kind === 'Service') { return caller === value; }
    if (kind !== 'AWS') { throw new Error(`the evaluator does not know principals of kind ${kind}`); }
    const account = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(value)?.[1];
    return account ? caller.split(':')[4] === account : value === '*' || value === caller;
  }));
}

/** Compares one value of the request with one of the policy. */
const OPERATORS: Record<string, (wanted: string, actual: string) => boolean> = {
  StringEquals: (wanted, actual) => wanted === actual,
  StringLike: like,
  ArnLike: like,
  // AWS compares the text without regard to case.
  Bool: (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase(),
};

function holds(operator: string, keys: Record<string, string | string[]>, context: RequestContext): boolean {
  return Object.entries(keys).every(([key, wanted]) => {
    const actual = context[key];
    if (listOf(wanted).some((value) => value.includes('${'))) { throw new Error('the evaluator does not know policy variables'); }
    if (operator === 'Null') { return listOf(wanted).includes(String(actual === undefined)); }
    const [, forAll, name] = /^(ForAllValues:)?(\w+)$/.exec(operator) ?? [];
    const compare = name === undefined ? undefined : OPERATORS[name];
    if (!compare) { throw new Error(`the evaluator does not know the condition operator ${operator}`); }
    const matchesOne = (value: string) => listOf(wanted).some((pattern) => compare(pattern, value));
    // True for a key that is missing, as in IAM.
    if (forAll) { return listOf(actual ?? []).every(matchesOne); }
    if (Array.isArray(actual)) { throw new Error(`the evaluator does not compare several values by ${operator}`); }
    return actual !== undefined && matchesOne(actual as string);
  });
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, 's').test(text);
}

export function listOf<T>(value: T | readonly T[]): T[] {
  return Array.isArray(value) ? [...value as readonly T[]] : [value as T];
}
