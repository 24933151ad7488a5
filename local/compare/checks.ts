import { Library } from './library';

/** What is looked at besides the comparison of templates: a row of the table that the command prints. */
export interface Check {
  readonly title: string;
  /** Resolves with what was found to be right, and rejects with what is wrong. */
  readonly run: (library: Library, log: string) => Promise<string>;
}
