import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as signer from 'aws-cdk-lib/aws-signer';
import { Construct } from 'constructs';
import {
  PullTimeExclusion,
  RegistryPolicy,
  RegistryReplication,
  RegistryReplicationProps,
  RegistryScanning,
  RegistryScanningProps,
  RegistryScanType,
  RegistrySigning,
  SigningRule,
} from '../../src/ecr-registry';

const HERE = { account: '111111111111', region: 'eu-west-1' };

function propertiesOf(define: (stack: Stack) => Construct): any {
  const stack = new Stack(new App(), 'Stack', { env: HERE });
  define(stack);
  return Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, any>)[0].Properties;
}

describe('RegistryScanning', () => {
  const scanning = (props?: RegistryScanningProps) => propertiesOf((stack) => new RegistryScanning(stack, 'S', props));
  const rule = (scanFrequency: string, ...filters: string[]) => ({
    ScanFrequency: scanFrequency,
    RepositoryFilters: filters.map((filter) => ({ Filter: filter, FilterType: 'WILDCARD' })),
  });

  test.each<[RegistryScanningProps | undefined, object]>([
    [undefined, { ScanType: 'BASIC', Rules: [rule('SCAN_ON_PUSH', '*')] }],
    [{ scanOnPush: ['team/*', 'a'] }, { ScanType: 'BASIC', Rules: [rule('SCAN_ON_PUSH', 'team/*', 'a')] }],
    [{ scanOnPush: [] }, { ScanType: 'BASIC', Rules: [] }],
    [
      { scanType: RegistryScanType.ENHANCED, scanContinuously: ['*'] },
      { ScanType: 'ENHANCED', Rules: [rule('CONTINUOUS_SCAN', '*')] },
    ],
    [
      { scanType: RegistryScanType.ENHANCED, scanContinuously: ['prod*'], scanOnPush: ['*'] },
      { ScanType: 'ENHANCED', Rules: [rule('SCAN_ON_PUSH', '*'), rule('CONTINUOUS_SCAN', 'prod*')] },
    ],
  ])('scanning with the props %j renders the expected rules', (props, expected) => {
    expect(scanning(props)).toEqual(expected);
  });

  test.each<[RegistryScanningProps, string]>([
    [{ scanContinuously: ['*'] }, '`scanType` must be RegistryScanType.ENHANCED'],
    [{ scanOnPush: ['Team'] }, 'got: "Team"'],
    [{ scanOnPush: [''] }, 'got: ""'],
    [{ scanOnPush: ['a'.repeat(256)] }, 'must be repository names'],
    [
      { scanOnPush: Array.from({ length: 101 }, (_, index) => `r${index}`) },
      "at most 100 entries (ECR's limit), got: 101",
    ],
  ])('scanning with the props %j is refused', (props, message) => {
    expect(() => scanning(props)).toThrow(message);
  });
});

describe('RegistryReplication', () => {
  const replication = (props: RegistryReplicationProps) =>
    propertiesOf((stack) => new RegistryReplication(stack, 'R', props));
  const to = (region: string, account?: string) => ({ region, account });

  test('images are replicated to another Region and another account', () => {
    expect(
      replication({
        rules: [
          { destinations: [to('eu-central-1'), to('eu-west-1', '222222222222')], repositoryPrefixes: ['team/'] },
          { destinations: [to('us-east-1')] },
        ],
      }),
    ).toEqual({
      ReplicationConfiguration: {
        Rules: [
          {
            Destinations: [
              { Region: 'eu-central-1', RegistryId: '111111111111' },
              { Region: 'eu-west-1', RegistryId: '222222222222' },
            ],
            RepositoryFilters: [{ Filter: 'team/', FilterType: 'PREFIX_MATCH' }],
          },
          { Destinations: [{ Region: 'us-east-1', RegistryId: '111111111111' }] },
        ],
      },
    });
  });

  const accounts = (count: number) =>
    Array.from({ length: count }, (_, index) => to('eu-west-1', String(200000000000 + index)));
  test.each<[string, RegistryReplicationProps, string]>([
    ['no rule', { rules: [] }, "must have 1 to 10 entries (ECR's limit), got: 0"],
    [
      '11 rules',
      { rules: Array.from({ length: 11 }, () => ({ destinations: [to('us-east-1')] })) },
      "must have 1 to 10 entries (ECR's limit), got: 11",
    ],
    [
      '26 destinations',
      { rules: [{ destinations: accounts(20) }, { destinations: accounts(26) }] },
      "at most 25 entries (ECR's limit for different destinations of all rules), got: 26",
    ],
    ['no destination', { rules: [{ destinations: [] }] }, '`destinations` must have 1 to 25 entries'],
    ['itself', { rules: [{ destinations: [to('eu-west-1')] }] }, 'must not contain the source registry itself'],
    [
      'another partition',
      { rules: [{ destinations: [to('cn-north-1', '222222222222')] }] },
      'must be in the partition aws of the source Region eu-west-1 (ECR\'s limit), got: "cn-north-1"',
    ],
    ['no account', { rules: [{ destinations: [to('us-east-1', '22')] }] }, '12 digits), got: "22"'],
    [
      'no Region',
      { rules: [{ destinations: [to('Ireland')] }] },
      '`region` must look like "eu-west-1", got: "Ireland"',
    ],
    ['a short prefix', { rules: [{ destinations: [to('us-east-1')], repositoryPrefixes: ['a'] }] }, 'got: "a"'],
    [
      '101 prefixes',
      {
        rules: [
          {
            destinations: [to('us-east-1')],
            repositoryPrefixes: Array.from({ length: 101 }, (_, index) => `r${index}`),
          },
        ],
      },
      "at most 100 entries (ECR's limit), got: 101",
    ],
  ])('replication with %s is refused', (_name, props, message) => {
    expect(() => replication(props)).toThrow(message);
  });

  test('25 destinations are accepted, also when several rules share them', () => {
    expect(
      replication({ rules: [{ destinations: accounts(25) }, { destinations: accounts(25) }] }).ReplicationConfiguration
        .Rules,
    ).toHaveLength(2);
  });
});

describe('RegistryPolicy', () => {
  test('a registry policy contains statements for replication, for caches and of the user', () => {
    const { PolicyText } = propertiesOf((stack) => {
      const policy = new RegistryPolicy(stack, 'P');
      policy.allowReplicationFrom('222222222222');
      policy.allowReplicationFrom('333333333333', 'team/');
      policy.allowPullThroughFrom('222222222222', 'base');
      policy.addStatement(new iam.PolicyStatement({
        actions: ['ecr:BatchGetImage'], resources: ['*'], principals: [new iam.OrganizationPrincipal('o-a1b2c3d4e5')],
      }));
      return policy;
    });
    expect(PolicyText.Statement.map((statement: any) => [statement.Sid, statement.Action])).toEqual([
      ['Replication1', ['ecr:CreateRepository', 'ecr:ReplicateImage']],
      ['Replication2', ['ecr:CreateRepository', 'ecr:ReplicateImage']],
      [
        'PullThrough3',
        ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:GetImageCopyStatus'],
      ],
      [undefined, 'ecr:BatchGetImage'],
    ]);
    expect(PolicyText.Statement.slice(0, 3).map((statement: any) => statement.Resource['Fn::Join'][1][2])).toEqual([
      ':ecr:eu-west-1:111111111111:repository/*',
      ':ecr:eu-west-1:111111111111:repository/team/*',
      ':ecr:eu-west-1:111111111111:repository/base/*',
    ]);
  });

  const synth = (use: (policy: RegistryPolicy) => void) => {
    const app = new App();
    use(new RegistryPolicy(new Stack(app, 'Stack'), 'P'));
    return app.synth();
  };

  test('a registry policy without statements, with too many, or for everybody, no account or no principal, is an error', () => {
    expect(() => synth(() => undefined)).toThrow('the registry policy must have at least one statement');
    expect(() =>
      synth((policy) => {
        for (let index = 0; index < 80; index++) {
          policy.allowPullThroughFrom(String(200000000000 + index), `prefix-${index}`);
        }
      }),
    ).toThrow(/the registry policy must have at most 10240 characters \(ECR's limit\), got: \d+ characters/);
    expect(() =>
      synth((policy) =>
        policy.addStatement(
          new iam.PolicyStatement({ actions: ['ecr:*'], resources: ['*'], principals: [new iam.AnyPrincipal()] }),
        ),
      ),
    ).toThrow('"*" without a condition');
    expect(() => synth((policy) => policy.allowReplicationFrom('22'))).toThrow('12 digits), got: "22"');
    expect(() =>
      synth((policy) =>
        policy.addStatement(new iam.PolicyStatement({ actions: ['ecr:BatchGetImage'], resources: ['*'] })),
      ),
    ).toThrow('must specify at least one IAM principal');
  });
});

/** A profile whose ARN is known at synth. */
function profile(signingProfileArn = 'arn:aws:signer:eu-west-1:111111111111:/signing-profiles/images'): signer.ISigningProfile {
  return { signingProfileArn } as signer.ISigningProfile;
}

describe('RegistrySigning', () => {
  const signing = (...rules: SigningRule[]) => propertiesOf((stack) => new RegistrySigning(stack, 'S', { rules }));
  const signingProfile = profile();

  test('signing rules are rendered with profile and filters', () => {
    expect(signing({ signingProfile }, { signingProfile, repositoryFilters: ['team/*'] })).toEqual({
      Rules: [
        { SigningProfileArn: signingProfile.signingProfileArn },
        {
          SigningProfileArn: signingProfile.signingProfileArn,
          RepositoryFilters: [{ Filter: 'team/*', FilterType: 'WILDCARD_MATCH' }],
        },
      ],
    });
  });

  test('a profile of the app is referenced', () => {
    const stack = new Stack();
    const platform = signer.Platform.NOTATION_OCI_SHA384_ECDSA;
    new RegistrySigning(stack, 'S', { rules: [{ signingProfile: new signer.SigningProfile(stack, 'Profile', { platform }) }] });
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::SigningConfiguration', {
      Rules: [{ SigningProfileArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Profile'), 'Arn'] } }],
    });
  });

  test('a profile that exists has one slash in its ARN, where aws-cdk writes two', () => {
    const { Rules: rules } = propertiesOf((stack) => new RegistrySigning(stack, 'S', {
      rules: [{
        signingProfile: signer.SigningProfile.fromSigningProfileAttributes(stack, 'Existing', {
          signingProfileName: 'images', signingProfileVersion: 'v1',
        }),
      }],
    }));
    expect(JSON.stringify(rules)).toContain(':/signing-profiles/images"');
  });

  test.each<[SigningRule[], string]>([
    [[], 'must have 1 to 10 entries (ECR\'s limit), got: 0'],
    [Array.from({ length: 11 }, () => ({ signingProfile })), 'must have 1 to 10 entries (ECR\'s limit), got: 11'],
    [[{ signingProfile: profile('images') }], 'got: "images"'],
    [[{ signingProfile, repositoryFilters: [] }], 'must have 1 to 100 entries (ECR\'s limit), got: 0'],
    [[{ signingProfile, repositoryFilters: Array.from({ length: 101 }, (_, index) => `r${index}`) }], 'got: 101'],
    [[{ signingProfile, repositoryFilters: ['Team'] }], 'got: "Team"'],
  ])('signing with the rules %j is refused', (rules, message) => {
    expect(() => signing(...rules)).toThrow(message);
  });
});

describe('PullTimeExclusion', () => {
  const role = (scope: Construct, arn: string) => iam.Role.fromRoleArn(scope, 'Principal', arn);
  const user = (scope: Construct, arn: string) => iam.User.fromUserArn(scope, 'Principal', arn);

  test.each([
    ['arn:aws:iam::111111111111:role/scanner', role],
    ['arn:aws:iam::111111111111:role/a/b/scanner', role],
    ['arn:aws-us-gov:iam::111111111111:user/a/b', user],
  ])('the principal %s is excluded from pull times', (arn, principal) => {
    expect(propertiesOf((stack) => new PullTimeExclusion(stack, 'E', { principal: principal(stack, arn) }))).toEqual({
      PrincipalArn: arn,
    });
  });

  test('a group is refused, which ECR does not exclude', () => {
    const stack = new Stack();
    expect(() => new PullTimeExclusion(stack, 'E', { principal: new iam.Group(stack, 'Group') }))
      .toThrow('`principal` must be a role or a user, got: "Default/Group"');
  });

  test.each([
    'arn:aws:iam::111111111111:root',
    `arn:aws:iam::111111111111:role/${'a'.repeat(200)}`,
  ])('the principal %s is refused', (roleArn) => {
    expect(() => new PullTimeExclusion(new Stack(), 'E', { principal: { roleArn } as iam.IRole })).toThrow('`principal` must ');
  });
});

describe('settings that exist once per account and Region', () => {
  const DEFINE: [string, (scope: Construct, id: string) => Construct][] = [
    ['RegistryScanningConfiguration', (scope, id) => new RegistryScanning(scope, id)],
    [
      'ReplicationConfiguration',
      (scope, id) => new RegistryReplication(scope, id, { rules: [{ destinations: [{ region: 'us-east-2' }] }] }),
    ],
    ['SigningConfiguration', (scope, id) => new RegistrySigning(scope, id, { rules: [{ signingProfile: profile() }] })],
    [
      'RegistryPolicy',
      (scope, id) => {
        const policy = new RegistryPolicy(scope, id);
        policy.allowReplicationFrom('222222222222');
        return policy;
      },
    ],
    [
      'PullTimeUpdateExclusion',
      (scope, id) => new PullTimeExclusion(scope, id, {
        principal: iam.Role.fromRoleArn(scope, 'Scanner', 'arn:aws:iam::111111111111:role/scanner'),
      }),
    ],
  ];

  test.each(DEFINE)('two definitions of %s in two stacks are a synth error', (type, define) => {
    const app = new App();
    define(new Stack(app, 'One', { env: HERE }), 'A');
    define(new Stack(app, 'Two', { env: HERE }), 'B');
    expect(() => app.synth()).toThrow(
      new RegExp(
        `AWS::ECR::${type} .*must be defined once per account and Region, got: a second definition in Two/B/Resource`,
      ),
    );
  });

  test.each(DEFINE)('%s can be defined once in each Region', (_type, define) => {
    const app = new App();
    define(new Stack(app, 'One', { env: HERE }), 'A');
    define(new Stack(app, 'Two', { env: { ...HERE, region: 'eu-central-1' } }), 'A');
    expect(app.synth().stacks).toHaveLength(2);
  });

  test('two definitions in one stack without an environment are a synth error, in two such stacks they are accepted', () => {
    const together = new App();
    const stack = new Stack(together, 'One');
    new RegistryScanning(stack, 'A');
    new RegistryScanning(stack, 'B');
    expect(() => together.synth()).toThrow('must be defined once');

    const apart = new App();
    for (const id of ['Beta', 'Prod']) {
      new RegistryScanning(new Stack(apart, id), 'A');
    }
    expect(apart.synth().stacks).toHaveLength(2);
  });

  test('L1 resources that others define count as well', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack', { env: HERE });
    new RegistryScanning(stack, 'Ours');
    new ecr.CfnRegistryScanningConfiguration(stack, 'Theirs', { scanType: 'BASIC', rules: [] });
    expect(() => app.synth()).toThrow('a second definition in Stack/Theirs');
  });

  test('two exclusions for two principals are two settings', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack', { env: HERE });
    new PullTimeExclusion(stack, 'A', {
      principal: iam.Role.fromRoleArn(stack, 'Existing', 'arn:aws:iam::111111111111:role/a'),
    });
    new PullTimeExclusion(stack, 'B', {
      principal: new iam.Role(stack, 'R', { assumedBy: new iam.AccountRootPrincipal() }),
    });
    new CfnResource(stack, 'C', {
      type: 'AWS::ECR::PullTimeUpdateExclusion',
      properties: { PrincipalArn: 'arn:aws:iam::111111111111:role/c' },
    });
    expect(app.synth().stacks).toHaveLength(1);
  });
});
