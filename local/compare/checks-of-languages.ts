import { Check } from './checks';
import { PYTHON_TESTS } from './python-tests';
import { PYTHON_TYPES } from './python-types';
import { OtherLanguage } from './scenarios';

/** By language: what `npm run examples` checks after it has compared the templates. */
export const CHECKS: Partial<Record<OtherLanguage, Check[]>> = {
  python: [...PYTHON_TYPES, ...PYTHON_TESTS],
};
