import { createHash } from 'node:crypto';
import { isMissingClass } from './zenml/answers';

/** A failure whose text is fit for CloudFormation's events: it says what, which resource or value, and what to do. */
export class UserError extends Error {
  public override readonly name: string = 'UserError';

  /** @param code of the entry in docs/troubleshooting.md; the text that a person sees ends with it */
  public constructor(public readonly code: string, message: string) {
    super(message);
  }
}

/** The server cannot be reached or refuses the API key: what `AbandonUnreachable` lets a Delete pass over. */
export class UnreachableError extends UserError { public override readonly name: string = 'UnreachableError'; }

/** A secret that the properties name does not exist in AWS. */
export class MissingSecretError extends UnreachableError {
  public override readonly name: string = 'MissingSecretError';
}

/** A POST whose answer was lost: the object may exist or not. */
export class LostAnswerError extends UserError {
  public override readonly name: string = 'LostAnswerError';
  private readonly fault?: string;

  /** `fault`: what identifies a 500 of ZenML's own; it can hold secrets and is never shown. */
  public constructor(code: string, message: string, fault?: string) {
    super(code, message);
    this.fault = fault && createHash('sha256').update(fault).digest('hex');
  }

  /** ZenML answered both times with the same 500: trying once more does not mend it. */
  public isSameFault(earlier: LostAnswerError | undefined): boolean {
    return this.fault !== undefined && this.fault === earlier?.fault;
  }
}

/** What an object refers to does not exist in ZenML. */
export class MissingReferenceError extends UserError {
  public override readonly name: string = 'MissingReferenceError';
}

/** Another object in ZenML has the name that the properties ask for. */
export class NameTakenError extends UserError { public override readonly name: string = 'NameTakenError'; }

/**
 * A push or pull with the connector's credentials would be refused. Never thrown in a rollback, so it always ends the
 * request.
 */
export class RefusedProofError extends UserError { public override readonly name: string = 'RefusedProofError'; }

/** The invocation's time is over. */
export class DeadlineError extends UserError {
  public override readonly name: string = 'DeadlineError';

  public constructor(seconds: number) {
    super(
      'CZ309',
      `no result within ${Math.round(seconds)} s: look whether the server is up and not overloaded, then deploy again or set a longer timeout`,
    );
  }
}

/**
 * A refusal by ZenML, or by something in front of it. `detail` is redacted text, or empty where the server may have
 * echoed secrets.
 */
export class ZenmlError extends UserError {
  public override readonly name: string = 'ZenmlError';

  public constructor(
    public readonly call: string,
    public readonly status: number,
    /** The server's exception class, `EntityExistsError` for instance; empty when it named none. */
    public readonly className: string,
    public readonly detail: string,
    /** What to say of an answer that ZenML did not write: a proxy's page, or another application's JSON. */
    public readonly foreign?: string,
  ) {
    super(
      foreign === undefined ? codeOf(status) : 'CZ304',
      foreign
        ?? `ZenML answered ${call} with HTTP ${status}${className && ` ${className}`}${detail && `: ${detail}`}${detail ? '' : advice(status)}`,
    );
  }

  /**
   * Whether ZenML itself wrote the answer: it names one of its exception classes. A proxy's page, or another
   * application's JSON, says nothing about ZenML.
   */
  public get fromZenml(): boolean { return this.className !== ''; }

  /** Whether ZenML says that the object is not there: the only kind of 404 that may be taken for that. */
  public get isMissing(): boolean { return this.status === 404 && isMissingClass(this.className); }
}

/** Code of a failure that no part of the function foresees. */
export const UNEXPECTED = 'CZ375';

function codeOf(status: number): string {
  return status === 402 ? 'CZ321' : status === 403 ? 'CZ322' : 'CZ320';
}

/** The text with the code of its entry in docs/troubleshooting.md. */
export function withCode(code: string, text: string): string {
  return `${text} [${code}]`;
}

function advice(status: number): string {
  switch (status) {
    case 400:
    case 422: return ' (the details may hold keys and are left to the server\'s log)';
    case 402: return ' (the ZenML plan\'s limit is reached: free a place or change the plan)';
    case 403: return ' (the API key\'s account lacks this permission, or the object is in use or protected)';
    default: return '';
  }
}
