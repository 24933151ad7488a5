import { Names } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** ZenML shows names in tables: a prefix stays readable at this length, and far below ZenML's limit with its suffix. */
const PREFIX_MAX_LENGTH = 60;

/**
 * The readable part of a generated name: the construct's path in lower case, `MyStack/Registry/Component` -> `mystack-registry`.
 * The last segment is left out when it says nothing. Falls back to aws-cdk's unique name when a path holds no letter or digit.
 */
export function namePrefix(construct: IConstruct, quietSegments: readonly string[] = []): string {
  const segments = construct.node.path.split('/').filter((segment) => segment !== '' && segment !== 'Resource' && segment !== 'Default');
  while (segments.length > 1 && quietSegments.includes(segments[segments.length - 1]!)) { segments.pop(); }
  const words = segments.join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  // From the right, because the end of a path tells more than its start.
  const prefix = words.slice(-PREFIX_MAX_LENGTH).replace(/^-+|-+$/g, '');
  return prefix || Names.uniqueResourceName(construct, { maxLength: PREFIX_MAX_LENGTH }).toLowerCase();
}
