import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { differences } from '../local/compare/differences';
import { casesOf, cdkJson, folderOf, OTHER_LANGUAGES, scenariosOf } from '../local/compare/scenarios';
import { Synthesis, synthesize } from '../local/compare/synthesis';
import { ROOT } from '../local/process/paths';
import { findPython } from '../local/process/venv';

/** How many resources of the types that tell the scenarios apart; types that are not listed are not looked at. */
const EXPECTED: Record<string, Record<string, number>> = {
  'aws-stack': {
    'AWS::S3::Bucket': 2, // artifacts, and output of jobs
    'AWS::ECR::Repository': 1,
    'AWS::CodeBuild::Project': 1,
    'AWS::IAM::AccessKey': 1,
    'Custom::ZenMLServiceConnector': 3,
    'Custom::ZenMLStackComponent': 5,
    'Custom::ZenMLStack': 1,
  },
  'aws-stack-local': {
    'AWS::S3::Bucket': 1,
    'AWS::ECR::Repository': 1,
    'AWS::CodeBuild::Project': 0,
    'AWS::IAM::AccessKey': 1,
    'Custom::ZenMLServiceConnector': 2,
    'Custom::ZenMLStackComponent': 3,
    'Custom::ZenMLStack': 1,
  },
  'ecr-registry': {
    'AWS::ECR::Repository': 1,
    'Custom::ZenMLServiceConnector': 1,
    'Custom::ZenMLStackComponent': 1,
    'Custom::ZenMLStack': 1,
    'AWS::IAM::AccessKey': 1,
  },
  'existing-stack': {
    'AWS::ECR::Repository': 0,
    'Custom::ZenMLServiceConnector': 0,
    'Custom::ZenMLStackComponent': 1,
    'Custom::ZenMLStack': 0,
    'Custom::ZenMLStackAttachment': 1,
    'AWS::IAM::AccessKey': 0,
  },
  'local-docker': {
    'AWS::ECR::Repository': 1,
    'Custom::ZenMLServiceConnector': 0,
    'Custom::ZenMLStackComponent': 1,
    'AWS::IAM::User': 0,
    'AWS::IAM::AccessKey': 0,
    'AWS::IAM::Role': 1, // the handler's
  },
  'several-repositories': {
    'AWS::ECR::Repository': 3,
    'Custom::ZenMLServiceConnector': 1,
    'Custom::ZenMLStackComponent': 1,
  },
  'zenml-pro': {
    'AWS::ECR::Repository': 1,
    'Custom::ZenMLServiceConnector': 1,
    'Custom::ZenMLStackAttachment': 1,
    'AWS::IAM::User': 0,
    'AWS::IAM::AccessKey': 0,
  },
};

/** Where the context of a scenario gives other resources. */
const EXPECTED_WITH_CONTEXT: Record<string, Record<string, number>> = {
  // With a SageMaker orchestrator, as in the example `aws-stack`.
  'aws-stack-local': EXPECTED['aws-stack']!,
};

const typescript = scenariosOf('typescript');

describe('each TypeScript example', () => {
  test('each TypeScript example is listed in this test', () => {
    expect(typescript).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(typescript.flatMap(casesOf).map((one) => [one.title, one] as const))(
    'the example %s synthesizes without a warning',
    async (_title, { scenario, context }) => {
      const { stacks, messages } = await synthesize(folderOf('typescript', scenario), { context });
      // What is told besides (the deletion of the whole stack) does not stop `--strict`.
      expect(messages.filter((message) => !message.startsWith('info: '))).toEqual([]);
      const hasContext = Object.keys(context).length > 0;
      const expected = (hasContext && EXPECTED_WITH_CONTEXT[scenario]) || EXPECTED[scenario]!;
      expect(counts(stacks, Object.keys(expected))).toEqual(expected);
    },
  );

  test('the example reads the context that its comment documents', async () => {
    const { scenario, context } = casesOf('ecr-registry')[1]!;
    const { stacks } = await synthesize(folderOf('typescript', scenario), { context });
    const resources = Object.entries(stacks.ZenMLRegistry!.template.Resources);
    const only = (type: string) => resources.find(([, { Type }]) => Type === type)!;
    expect(only('Custom::ZenMLStack')[1].Properties).toMatchObject({
      ServerUrl: context.zenmlUrl,
      Description: context.description,
    });
    // Another serial is another key.
    expect(only('AWS::IAM::AccessKey')[0]).toContain(`AccessKey${context.keySerial}`);
  });
});

describe('the examples in other languages', () => {
  test('examples exist in all languages as documented: all in Python, the first one in Java and Go', () => {
    expect(scenariosOf('python')).toEqual(typescript);
    expect(scenariosOf('java')).toEqual(['ecr-registry']);
    expect(scenariosOf('go')).toEqual(['ecr-registry']);
  });

  // Feature flags change templates.
  test('examples in other languages have the context of the repository\'s cdk.json', () => {
    const { context } = cdkJson(ROOT);
    for (const language of ['typescript', ...OTHER_LANGUAGES] as const) {
      for (const scenario of scenariosOf(language)) {
        expect([language, scenario, cdkJson(folderOf(language, scenario)).context]).toEqual([
          language,
          scenario,
          context,
        ]);
      }
    }
  });

  test('the Python examples have valid syntax', () => {
    const files = scenariosOf('python').map((scenario) => join(folderOf('python', scenario), 'app.py'));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    // Compiled in memory: py_compile would leave files beside the sources.
    const parse = 'import sys\nfor name in sys.argv[1:]: compile(open(name, encoding="utf-8").read(), name, "exec")';
    const { status, stderr } = spawnSync(findPython().executable, ['-c', parse, ...files], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the comparison of templates', () => {
  test('the comparison of templates finds a difference anywhere', () => {
    const left = { same: [1, { a: true }], changed: { text: 'x' }, list: [1, 2], gone: 0 };
    const right = { same: [1, { a: true }], changed: { text: 'y' }, list: [2, 1], come: null };
    expect(differences(left, right)).toEqual([
      'changed.text: "x" | "y"', 'list[0]: 1 | 2', 'list[1]: 2 | 1', 'gone: 0 | (nothing)', 'come: (nothing) | null',
    ]);
  });

  test('the comparison of templates distinguishes text from numbers, and lists of different lengths', () => {
    expect(differences({ n: 1, l: [1] }, { n: '1', l: [1, 2] })).toEqual(['n: 1 | "1"', 'l: [1] | [1,2]']);
  });

  test('the comparison of templates ignores the order of keys', () => {
    expect(differences({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toEqual([]);
  });
});

function counts(stacks: Synthesis['stacks'], types: string[]): Record<string, number> {
  const all = Object.values(stacks).flatMap(({ template }) => Object.values(template.Resources));
  return Object.fromEntries(types.map((type) => [type, all.filter(({ Type }) => Type === type).length]));
}
