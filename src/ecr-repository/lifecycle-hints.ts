import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageLifecycleRule } from './lifecycle-rule';

/** Adds an info for lifecycle rules with several tags: ECR combines them with "and", which most users do not expect. */
export function explainTagLists(scope: Construct, rules: readonly ImageLifecycleRule[]): void {
  for (const rule of rules) {
    for (const [prop, list] of [
      ['tagPrefixList', rule.tagPrefixList],
      ['tagPatternList', rule.tagPatternList],
    ] as const) {
      if (list === undefined || list.length < 2) {
        continue;
      }
      Annotations.of(scope).addInfoV2(
        `cdk-zenml:tagLists:${list.join(',')}`,
        'a lifecycle rule with several entries '
          + `in \`${prop}\` (${list.join(', ')}) selects only images with tags for all of the entries. Define one rule `
          + 'per entry to select images with any of them',
      );
    }
  }
}
