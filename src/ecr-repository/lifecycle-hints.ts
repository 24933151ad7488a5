import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageLifecycleRule } from './lifecycle-rule';

/** Says at synth what ECR does with several tags in one rule, which is not what most people mean. */
export function hintAtTagLists(scope: Construct, rules: readonly ImageLifecycleRule[]): void {
  for (const rule of rules) {
    for (const [prop, list] of [['tagPrefixList', rule.tagPrefixList], ['tagPatternList', rule.tagPatternList]] as const) {
      if (list === undefined || list.length < 2) { continue; }
      Annotations.of(scope).addInfoV2(`cdk-zenml:tagLists:${list.join(',')}`, `a lifecycle rule with several entries in \`${prop}\` (${list.join(', ')}) selects only images that have tags `
        + 'for all of them at once; write one rule for each if you mean any of them');
    }
  }
}
