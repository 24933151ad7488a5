import { App, Aws, CfnParameter, Duration, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  ImageEncryption,
  LifecycleAction,
  PrivateRepository,
  PrivateRepositoryProps,
  RepositoryPresets,
} from '../../src/ecr-repository';
import { defineRepository } from '../../src/ecr-repository/define-repository';
import { validateZenmlCanPush } from '../../src/ecr-repository/zenml-guards';

const IRELAND = { account: '111111111111', region: 'eu-west-1' };

function stackWith(props: PrivateRepositoryProps, env?: { account: string; region: string }): Template {
  const stack = new Stack(new App(), 'Stack', { env });
  new PrivateRepository(stack, 'Repository', props);
  return Template.fromStack(stack);
}

function repositoryOf(template: Template): any {
  const found = Object.values(template.findResources('AWS::ECR::Repository'));
  expect(found).toHaveLength(1);
  return found[0];
}

describe('defaults of a private repository', () => {
  test('a repository without options is retained, scanned, mutable and nothing else', () => {
    expect(repositoryOf(stackWith({}))).toEqual({
      Type: 'AWS::ECR::Repository',
      Properties: { ImageScanningConfiguration: { ScanOnPush: true }, ImageTagMutability: 'MUTABLE' },
      UpdateReplacePolicy: 'Retain',
      DeletionPolicy: 'RetainExceptOnCreate',
    });
  });

  test('a private repository is an ecr.Repository', () => {
    expect(defineRepository(new Stack(), 'R', undefined)).toBeInstanceOf(ecr.Repository);
  });

  test('defineRepository passes name and options on', () => {
    const stack = new Stack();
    defineRepository(stack, 'R', 'team/models', { imageScanOnPush: false });
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryName: 'team/models', ImageScanningConfiguration: { ScanOnPush: false },
    });
  });
});

describe('repositoryName', () => {
  test.each(['models', 'team/models', '1ab', 'a--b', 'a__b', 'a---b/c__d'])(
    'the repository name %s is rendered unchanged',
    (name) => {
      expect(repositoryOf(stackWith({ repositoryName: name })).Properties.RepositoryName).toBe(name);
    },
  );

  test('a repository name that is a token is left to CloudFormation', () => {
    const stack = new Stack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    new PrivateRepository(stack, 'R', { repositoryName: name });
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { RepositoryName: { Ref: 'Name' } });
  });

  test.each(['team/models', 'team--x/models'])('a repository with %s can be used from another account', (name) => {
    const app = new App();
    const owner = new Stack(app, 'Owner', { env: IRELAND });
    const consumer = new Stack(app, 'Consumer', { env: { account: '222222222222', region: 'us-east-1' } });
    const repository = new PrivateRepository(owner, 'R', { repositoryName: name });
    consumer.exportValue(repository.repositoryArn, { name: 'arn' });
    consumer.exportValue(repository.repositoryName, { name: 'name' });
    const outputs = Template.fromStack(consumer).findOutputs('*');
    expect(JSON.stringify(outputs)).toContain(`:ecr:eu-west-1:111111111111:repository/${name}"`);
    expect(Object.values(outputs).map((output) => output.Value)).toContain(name);
  });

  test('an illegal repository name is refused with a legal suggestion', () => {
    expect(() => stackWith({ repositoryName: 'Team/Models' })).toThrow(
      '`repositoryName`: a repository name must be lower case, got: "Team/Models": use for example "team/models"',
    );
  });
});

describe('removal of a private repository', () => {
  test('the removal policy DESTROY deletes the repository', () => {
    expect(repositoryOf(stackWith({ removalPolicy: RemovalPolicy.DESTROY }))).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
  });

  test('emptyOnDelete with DESTROY deletes the images as well', () => {
    expect(
      repositoryOf(stackWith({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true })).Properties.EmptyOnDelete,
    ).toBe(true);
  });

  test('emptyOnDelete without DESTROY is refused', () => {
    expect(() => stackWith({ emptyOnDelete: true })).toThrow(
      '`emptyOnDelete` must only be set with `removalPolicy: RemovalPolicy.DESTROY`, got: the default, RETAIN',
    );
    expect(() => stackWith({ emptyOnDelete: true, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE })).toThrow(
      'with `removalPolicy',
    );
  });

  test('emptyOnDelete is removed when the removal policy is changed later', () => {
    const stack = new Stack();
    const repository = new PrivateRepository(stack, 'R', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    repository.applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(repositoryOf(Template.fromStack(stack)).Properties).not.toHaveProperty('EmptyOnDelete');
  });

  test('emptyOnDelete is removed when an aspect retains everything', () => {
    const stack = new Stack();
    new PrivateRepository(stack, 'R', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    RemovalPolicies.of(stack).retain();
    expect(repositoryOf(Template.fromStack(stack)).Properties).not.toHaveProperty('EmptyOnDelete');
  });
});

describe('encryption', () => {
  test('aes256 renders nothing, as aws-cdk does', () => {
    expect(repositoryOf(stackWith({ encryption: ImageEncryption.aes256() })).Properties).not.toHaveProperty(
      'EncryptionConfiguration',
    );
  });

  test('awsManagedKey renders KMS without a key', () => {
    expect(
      repositoryOf(stackWith({ encryption: ImageEncryption.awsManagedKey() })).Properties.EncryptionConfiguration,
    ).toEqual({ EncryptionType: 'KMS' });
  });

  test.each(['encryption', 'encryptionKey'])('a customer key by `%s` is rendered by reference', (prop) => {
    const stack = new Stack();
    const key = new kms.Key(stack, 'Key');
    new PrivateRepository(
      stack,
      'R',
      prop === 'encryption' ? { encryption: ImageEncryption.customerKey(key) } : { encryptionKey: key },
    );
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      EncryptionConfiguration: {
        EncryptionType: 'KMS',
        KmsKey: { 'Fn::GetAtt': [stack.getLogicalId(key.node.defaultChild as kms.CfnKey), 'Arn'] },
      },
    });
  });

  test('two kinds of encryption at once are refused', () => {
    const stack = new Stack();
    const key = new kms.Key(stack, 'Key');
    expect(
      () => new PrivateRepository(stack, 'R', { encryptionKey: key, encryption: ImageEncryption.aes256() }),
    ).toThrow('`encryptionKey` must not be set together with `encryption`');
  });

  test.each([
    [undefined, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN, 'Retain', 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
  ])(
    'a generated key is rotated and has the removal policy of the repository (%s)',
    (removalPolicy, policy, replaced) => {
      const template = stackWith({ encryption: ImageEncryption.generatedKey(), removalPolicy });
      template.hasResource('AWS::KMS::Key', {
        Properties: Match.objectLike({ EnableKeyRotation: true }),
        DeletionPolicy: policy,
        UpdateReplacePolicy: replaced,
      });
      template.hasResource('AWS::ECR::Repository', { DeletionPolicy: policy, UpdateReplacePolicy: replaced });
      template.hasResourceProperties('AWS::ECR::Repository', {
        EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: Match.anyValue() },
      });
    },
  );

  test('dual-layer encryption is accepted in GovCloud, and where the Region is unknown', () => {
    const encryption = ImageEncryption.dualLayer();
    expect(
      repositoryOf(stackWith({ encryption }, { account: '111111111111', region: 'us-gov-west-1' })).Properties
        .EncryptionConfiguration,
    ).toEqual({ EncryptionType: 'KMS_DSSE' });
    expect(repositoryOf(stackWith({ encryption })).Properties.EncryptionConfiguration).toEqual({
      EncryptionType: 'KMS_DSSE',
    });
  });

  test('dual-layer encryption is refused in other Regions', () => {
    expect(() => stackWith({ encryption: ImageEncryption.dualLayer() }, IRELAND)).toThrow(
      'GovCloud Regions only, got: "eu-west-1"',
    );
  });

  test('a key of another Region is refused', () => {
    const stack = new Stack(new App(), 'Stack', { env: IRELAND });
    const key = kms.Key.fromKeyArn(
      stack,
      'Key',
      'arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
    expect(() => new PrivateRepository(stack, 'R', { encryptionKey: key })).toThrow(
      'the encryption key must be in the repository\'s Region eu-west-1, got: a key in "us-east-1"',
    );
  });
});

describe('tag mutability', () => {
  const wildcard = ecr.ImageTagMutabilityExclusionFilter.wildcard;

  test('IMMUTABLE is rendered without filters', () => {
    expect(
      repositoryOf(stackWith({ imageTagMutability: ecr.TagMutability.IMMUTABLE })).Properties.ImageTagMutability,
    ).toBe('IMMUTABLE');
  });

  test('exclusion filters are rendered with the mutability', () => {
    const { Properties } = repositoryOf(stackWith({
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [wildcard('train-*')],
    }));
    expect(Properties.ImageTagMutability).toBe('IMMUTABLE_WITH_EXCLUSION');
    expect(Properties.ImageTagMutabilityExclusionFilters).toEqual([
      { ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: 'train-*' },
    ]);
  });

  test.each([
    [undefined, [wildcard('a')], 'got: MUTABLE'],
    [ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION, undefined, 'needs 1 to 5 filters'],
    [ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION, [], "must have 1 to 5 entries (ECR's limit), got: 0"],
    [
      ecr.TagMutability.MUTABLE_WITH_EXCLUSION,
      'abcdef'.split('').map(wildcard),
      "must have 1 to 5 entries (ECR's limit), got: 6",
    ],
    [
      ecr.TagMutability.MUTABLE_WITH_EXCLUSION,
      [wildcard('a*b*c*')],
      'at most 2 wildcards in a filter (ECR\'s limit), got: "a*b*c*"',
    ],
  ])(
    'tag mutability %s with the filters %p is refused',
    (imageTagMutability, imageTagMutabilityExclusionFilters, message) => {
      expect(() => stackWith({ imageTagMutability, imageTagMutabilityExclusionFilters })).toThrow(message);
    },
  );
});

describe('lifecycle rules', () => {
  test('lifecycle rules are rendered as text, including what aws-cdk cannot express', () => {
    const text = repositoryOf(stackWith({
      lifecycleRules: [
        { maxAgeInArchive: Duration.days(180), description: 'delete from the archive' },
        { tagPatternList: ['train-*'], maxAgeSincePull: Duration.days(60) },
      ],
    })).Properties.LifecyclePolicy.LifecyclePolicyText;
    expect(JSON.parse(text)).toEqual({
      rules: [
        {
          rulePriority: 1,
          selection: {
            tagStatus: 'tagged',
            tagPatternList: ['train-*'],
            countType: 'sinceImagePulled',
            countUnit: 'days',
            countNumber: 60,
          },
          action: { type: 'transition', targetStorageClass: 'archive' },
        },
        {
          rulePriority: 2,
          description: 'delete from the archive',
          selection: {
            tagStatus: 'any',
            storageClass: 'archive',
            countType: 'sinceImageTransitioned',
            countUnit: 'days',
            countNumber: 180,
          },
          action: { type: 'expire' },
        },
      ],
    });
  });

  test('lifecycle rules can be added later through the class of aws-cdk', () => {
    const stack = new Stack();
    const repository: ecr.Repository = defineRepository(stack, 'R', undefined, {
      lifecycleRules: [{ tagPrefixList: ['a'], maxImageCount: 3 }],
    });
    repository.addLifecycleRule({ maxImageCount: 9 });
    const text = repositoryOf(Template.fromStack(stack)).Properties.LifecyclePolicy.LifecyclePolicyText;
    expect(JSON.parse(text).rules.map((rule: any) => rule.selection.countNumber)).toEqual([3, 9]);
  });

  test('lifecycle rules can be added later with all that ECR offers', () => {
    const stack = new Stack();
    const repository = new PrivateRepository(stack, 'R');
    repository.addImageLifecycleRule({ maxAgeSincePull: Duration.days(5) });
    expect(repositoryOf(Template.fromStack(stack)).Properties.LifecyclePolicy.LifecyclePolicyText).toContain(
      'sinceImagePulled',
    );
  });

  test('lifecycle rules keep tokens inside the text', () => {
    const stack = new Stack();
    const prefix = new CfnParameter(stack, 'Prefix').valueAsString;
    const count = new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber;
    new PrivateRepository(stack, 'R', {
      lifecycleRules: [{ tagPrefixList: [prefix], maxImageCount: count, action: LifecycleAction.EXPIRE }],
    });
    const rendered = JSON.stringify(
      repositoryOf(Template.fromStack(stack)).Properties.LifecyclePolicy.LifecyclePolicyText,
    );
    expect(rendered).toContain('{"Ref":"Prefix"}');
    expect(rendered).toContain('{"Ref":"Count"}');
    expect(rendered).toContain('Fn::Join');
  });

  test('lifecycle rules are refused when they contradict earlier ones', () => {
    const repository = new PrivateRepository(new Stack(), 'R', { lifecycleRules: [{ maxImageCount: 3 }] });
    expect(() => repository.addLifecycleRule({ maxImageCount: 4 })).toThrow(
      'got: two rules for any images: merge them',
    );
  });
});

test('several tags in one rule give a hint, because ECR selects only images that have all of them', () => {
  const stack = new Stack();
  new PrivateRepository(stack, 'R', { lifecycleRules: [{ tagPrefixList: ['train-', 'deploy-'], maxImageCount: 5 }] });
  Annotations.fromStack(stack).hasInfo(
    '/Default/R',
    Match.stringLikeRegexp('train-, deploy-.*tags for all of the entries'),
  );
  const one = new Stack();
  new PrivateRepository(one, 'R', { lifecycleRules: [{ tagPrefixList: ['train-'], maxImageCount: 5 }] });
  Annotations.fromStack(one).hasNoInfo('*', Match.anyValue());
});

test('the ARN of a repository in the same stack is its attribute', () => {
  const stack = new Stack();
  const repository = new PrivateRepository(stack, 'R', { repositoryName: 'a--b' });
  expect(stack.resolve(repository.repositoryArn)).toEqual({
    'Fn::GetAtt': [stack.getLogicalId(repository.node.defaultChild as ecr.CfnRepository), 'Arn'],
  });
  expect(stack.resolve(repository.repositoryName)).toEqual({
    Ref: stack.getLogicalId(repository.node.defaultChild as ecr.CfnRepository),
  });
  expect(Aws.REGION).toBeDefined();
});

describe('presets', () => {
  test('hardened makes a repository immutable, with its own key, scanned and with lifecycle rules', () => {
    const stack = new Stack();
    PrivateRepository.hardened(stack, 'R');
    const template = Template.fromStack(stack);
    expect(repositoryOf(template)).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        EncryptionConfiguration: { EncryptionType: 'KMS' },
        LifecyclePolicy: { LifecyclePolicyText: expect.stringContaining('"type":"transition"') },
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    expect(() => validateZenmlCanPush(RepositoryPresets.hardened(), 'it')).toThrow('it must not have immutable tags');
  });

  test('hardened gives way to the props', () => {
    const stack = new Stack();
    const key = new kms.Key(stack, 'Key');
    PrivateRepository.hardened(stack, 'R', {
      encryptionKey: key,
      repositoryName: 'models',
      lifecycleRules: [{ maxImageCount: 5 }],
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    expect(repositoryOf(template).Properties).toMatchObject({
      RepositoryName: 'models',
      LifecyclePolicy: { LifecyclePolicyText: expect.stringContaining('imageCountMoreThan') },
    });
  });

  test('hardenedForPipelines allows ZenML to push', () => {
    const preset = RepositoryPresets.hardenedForPipelines('train', 'deploy');
    validateZenmlCanPush(preset, 'it');
    expect(
      repositoryOf(stackWith(preset)).Properties.ImageTagMutabilityExclusionFilters.map(
        (filter: any) => filter.ImageTagMutabilityExclusionFilterValue,
      ),
    ).toEqual(['train-*', 'deploy-*']);
  });
});

test('property injectors of an organization are applied', () => {
  const stack = new Stack(
    new App({
      propertyInjectors: [
        {
          constructUniqueId: ecr.Repository.PROPERTY_INJECTION_ID,
          inject: (props: ecr.RepositoryProps) => ({
            encryption: ecr.RepositoryEncryption.KMS,
            lifecycleRules: [{ maxImageCount: 7 }],
            ...props,
          }),
        },
      ],
    }),
    'Stack',
  );
  new PrivateRepository(stack, 'R', { lifecycleRules: [{ tagPrefixList: ['a'], maxImageCount: 3 }] });
  const { Properties } = repositoryOf(Template.fromStack(stack));
  expect(Properties.EncryptionConfiguration).toEqual({ EncryptionType: 'KMS' });
  expect(
    JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText).rules.map((rule: any) => rule.selection.countNumber),
  ).toEqual([3, 7]);
});
