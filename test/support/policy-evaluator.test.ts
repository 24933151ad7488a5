import { actionsOf, permits, PolicyDocument, RequestContext, statementsOf, withoutAction } from './policy-evaluator';

const ARN = 'arn:aws:ecr:us-east-1:111122223333:repository/a';
const USER = 'arn:aws:iam::111122223333:user/u';

function document(...Statement: PolicyDocument['Statement'][]): PolicyDocument {
  return { Version: '2012-10-17', Statement: Statement.flat() };
}

const allow = (Action: string | string[], Resource: string | string[] = '*') => ({ Effect: 'Allow', Action, Resource });

test.each<[string, PolicyDocument[], boolean]>([
  ['no policy', [], false],
  ['the exact action and resource', [document(allow('ecr:PutImage', ARN))], true],
  ['an action in another case', [document(allow('ECR:putimage', ARN))], true],
  [
    'one of several actions and resources',
    [document(allow(['ecr:X', 'ecr:PutImage'], ['arn:aws:ecr:us-east-1:111122223333:repository/b', ARN]))],
    true,
  ],
  ['another action', [document(allow('ecr:PutImages', ARN))], false],
  ['another resource', [document(allow('ecr:PutImage', `${ARN}b`))], false],
  ['a resource in another case', [document(allow('ecr:PutImage', ARN.replace('repository', 'Repository')))], false],
  ['a pattern with a star', [document(allow('ecr:Put*', 'arn:aws:ecr:*:111122223333:repository/*'))], true],
  ['a pattern with question marks', [document(allow('ecr:PutImag?', `${ARN.slice(0, -1)}?`))], true],
  ['a dot is no pattern', [document(allow('ecr.PutImage', ARN))], false],
  [
    'a deny in another document wins',
    [document(allow('*')), document({ Effect: 'Deny', Action: 'ecr:PutImage', Resource: ARN })],
    false,
  ],
  [
    'a deny of something else does not',
    [document(allow('*')), document({ Effect: 'Deny', Action: 'ecr:PutImage', Resource: `${ARN}b` })],
    true,
  ],
])('the evaluator decides as IAM does: %s', (_, documents, expected) => {
  expect(permits(documents, { action: 'ecr:PutImage', resource: ARN })).toBe(expected);
});

const trust = (Principal: Record<string, string | string[]>, Condition?: Record<string, Record<string, string>>) =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...(Condition && { Condition }) });

test.each<[string, PolicyDocument, Record<string, string>, boolean]>([
  ['the principal', trust({ AWS: USER }), {}, true],
  ['one of several principals', trust({ AWS: ['arn:aws:iam::111122223333:user/v', USER] }), {}, true],
  ['another principal', trust({ AWS: `${USER}2` }), {}, false],
  ['the account, in both spellings', trust({ AWS: ['111122223333'] }), {}, true],
  ["the account's root", trust({ AWS: 'arn:aws:iam::111122223333:root' }), {}, true],
  ['another account', trust({ AWS: '444455556666' }), {}, false],
  ['a service', trust({ Service: 'lambda.amazonaws.com' }), {}, false],
  [
    'a condition that holds',
    trust({ AWS: USER }, { StringLike: { 'sts:RoleSessionName': 'zenml*' } }),
    { 'sts:RoleSessionName': 'zenml-1' },
    true,
  ],
  [
    'a condition that does not',
    trust({ AWS: USER }, { StringLike: { 'sts:RoleSessionName': 'zenml*' } }),
    { 'sts:RoleSessionName': 'x-zenml' },
    false,
  ],
  ['a condition key that is missing', trust({ AWS: USER }, { StringEquals: { 'sts:ExternalId': 'x' } }), {}, false],
])('the evaluator decides on trust policies as IAM does: %s', (_, policy, context, expected) => {
  expect(permits([policy], { action: 'sts:AssumeRole', resource: 'role', principal: USER, context })).toBe(expected);
});

test.each<[string, PolicyDocument]>([
  [
    'NotAction',
    document({ Effect: 'Allow', NotAction: 'x', Action: [], Resource: '*' } as PolicyDocument['Statement']),
  ],
  ['an operator', document({ ...allow('*'), Condition: { NumericLessThan: { 's3:max-keys': '10' } } })],
  [
    'a policy variable',
    document({ ...allow('*'), Condition: { StringEquals: { 'aws:username': '${aws:username}' } } }),
  ],
])('the evaluator refuses what it does not know: %s', (_, policy) => {
  expect(() => permits([policy], { action: 'ecr:PutImage', resource: ARN })).toThrow(/does not know/);
});

test('an action can be removed from a policy', () => {
  const whole = document(allow(['ecr:A', 'ecr:B']), allow('ecr:A'), allow('ecr:C'));
  const rest = withoutAction(whole, 'ecr:A');
  expect(actionsOf([whole])).toEqual(['ecr:A', 'ecr:B', 'ecr:C']);
  expect(actionsOf([rest])).toEqual(['ecr:B', 'ecr:C']);
  expect(rest.Statement).toHaveLength(2);
});

const CREATE = 'sagemaker:CreateTrainingJob';
const limited = document({
  ...allow(CREATE),
  Condition: { 'ForAllValues:StringLike': { 'sagemaker:InstanceTypes': ['ml.m5.*'] }, 'Null': { 'sagemaker:InstanceTypes': 'false' } },
});

test.each<[string, RequestContext, boolean]>([
  ['all values of the key match', { 'sagemaker:InstanceTypes': ['ml.m5.large', 'ml.m5.xlarge'] }, true],
  ['one of the values does not', { 'sagemaker:InstanceTypes': ['ml.m5.large', 'ml.p4d.24xlarge'] }, false],
  ['the key is missing', {}, false],
])('a condition on a key of several values holds only if %s', (_, context, expected) => {
  expect(permits([limited], { action: CREATE, resource: ARN, context })).toBe(expected);
});

test('without the operator Null, a condition for all values holds for a missing key, as in IAM', () => {
  const { Null, ...open } = statementsOf(limited)[0]!.Condition!;
  expect(Null).toBeDefined();
  expect(permits([document({ ...allow(CREATE), Condition: open })], { action: CREATE, resource: ARN })).toBe(true);
});

test('a condition on a truth value, and one on an ARN, hold as in IAM', () => {
  const grant = document({ ...allow('kms:CreateGrant'), Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } });
  expect(permits([grant], { action: 'kms:CreateGrant', resource: ARN, context: { 'kms:GrantIsForAWSResource': 'True' } })).toBe(true);
  expect(permits([grant], { action: 'kms:CreateGrant', resource: ARN })).toBe(false);
  const subnet = document({ ...allow('ec2:DeleteNetworkInterface'), Condition: { ArnLike: { 'ec2:Subnet': 'arn:aws:ec2:eu-west-1:*:subnet/a' } } });
  const inSubnet = (name: string) => permits([subnet], {
    action: 'ec2:DeleteNetworkInterface', resource: ARN, context: { 'ec2:Subnet': `arn:aws:ec2:eu-west-1:111122223333:subnet/${name}` },
  });
  expect([inSubnet('a'), inSubnet('b')]).toEqual([true, false]);
});
