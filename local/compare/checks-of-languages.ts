import { Check } from './checks';
import { DOTNET } from './dotnet/checks';
import { NEW_USER } from './new-user/checks';
import { PYTHON_TESTS } from './python-tests';
import { PYTHON_TYPES } from './python-types';
import { CheckedLanguage } from './scenarios';

/** By language: what `npm run examples` checks after it has compared the templates. */
export const CHECKS: Partial<Record<CheckedLanguage, Check[]>> = {
  'python': [...PYTHON_TYPES, ...PYTHON_TESTS],
  'dotnet': DOTNET,
  'new-user': NEW_USER,
};
