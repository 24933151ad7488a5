import { Library } from './library';

/** What is looked at besides the comparison of templates: a row of the table that the command prints. */
export interface Check {
  readonly title: string;
  /** Says what is missing on this machine, if anything is: the row is then neither passed nor failed. */
  readonly missing?: () => string | undefined;
  /** Resolves with what was found to be right, and rejects with what is wrong. */
  readonly run: (library: Library, log: string) => Promise<string>;
}
