import { Names } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * ZenML shows names in tables. A prefix of this length stays readable, and the name with its suffix stays far below
 * ZenML's limit.
 */
const PREFIX_MAX_LENGTH = 60;

/**
 * The readable part of a generated name: the construct's path in lower case, `MyStack/Registry/Component` ->
 * `mystack-registry`. Falls back to aws-cdk's unique name when the path has no letter or digit.
 *
 * @param omittedSegments last segments of the path that the name leaves out
 */
export function namePrefix(construct: IConstruct, omittedSegments: readonly string[] = []): string {
  const segments = construct.node.path
    .split('/')
    .filter((segment) => segment !== '' && segment !== 'Resource' && segment !== 'Default');
  while (segments.length > 1 && omittedSegments.includes(segments[segments.length - 1]!)) { segments.pop(); }
  const words = segments.join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  // From the right, because the end of a path is more specific than its start.
  const prefix = words.slice(-PREFIX_MAX_LENGTH).replace(/^-+|-+$/g, '');
  return prefix || Names.uniqueResourceName(construct, { maxLength: PREFIX_MAX_LENGTH }).toLowerCase();
}
