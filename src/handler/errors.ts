/** A failure whose text is fit for CloudFormation's events: it says what, which resource or value, and what to do. */
export class UserError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = 'UserError';
  }
}

/** The server cannot be reached or refuses our key: what `AbandonUnreachable` lets a Delete pass over. */
export class UnreachableError extends UserError {
  public constructor(message: string) {
    super(message);
    this.name = 'UnreachableError';
  }
}

/** A POST whose answer was lost: the object may exist or not. */
export class LostAnswerError extends UserError {
  public constructor(message: string) {
    super(message);
    this.name = 'LostAnswerError';
  }
}

/** A Create or Update that waited too long in the queue; nothing was called. */
export class LateStartError extends UserError {
  public constructor(message: string) {
    super(message);
    this.name = 'LateStartError';
  }
}

/** The invocation's time is over. */
export class DeadlineError extends UserError {
  public constructor(seconds: number) {
    super(`no result within ${Math.round(seconds)} s: look whether the server is up and not overloaded, then deploy again or set a longer timeout`);
    this.name = 'DeadlineError';
  }
}

/** A non-success answer of ZenML. `detail` is redacted text, or empty where the server may have echoed secrets. */
export class ZenmlError extends UserError {
  public constructor(
    public readonly call: string,
    public readonly status: number,
    /** The server's exception class, `EntityExistsError` for instance; empty when it named none. */
    public readonly className: string,
    public readonly detail: string,
  ) {
    super(`ZenML answered ${call} with HTTP ${status}${className && ` ${className}`}${detail && `: ${detail}`}${detail ? '' : advice(status)}`);
    this.name = 'ZenmlError';
  }
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
