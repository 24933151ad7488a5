import { live, Live } from './support/live';
import { LIST_ACTION, LOGIN_ACTION, PULL_PUSH_ACTIONS } from '../../src/ecr-repository/actions';

/*
 * The ZenML server documents which ECR permissions its AWS connector needs. The access role differs from that list on
 * purpose; each difference has its reason here. A ZenML release that asks for more fails this test, so that somebody
 * looks whether it is needed.
 */
const OURS = [...PULL_PUSH_ACTIONS, LIST_ACTION, LOGIN_ACTION];

/** Documented by ZenML, not given. */
const NOT_GIVEN: Record<string, string> = {
  'ecr:ListRepositories': 'is no action of IAM: AWS calls it ecr:DescribeRepositories, which is given',
  'ecr:DescribeRegistry': 'is called nowhere in ZenML (tells the replication of the registry)',
  'ecr:DescribeImages': 'is called nowhere in ZenML; neither docker push nor docker pull calls it',
};

/** Given, but not documented by ZenML. */
const NOT_DOCUMENTED: Record<string, string> = {};

interface Differences {
  /** Documented, neither given nor explained. */
  readonly missing: string[];
  /** Given, neither documented nor explained. */
  readonly surplus: string[];
  /** Explained, but no difference any more. */
  readonly outdated: string[];
}

function differences(documented: readonly string[]): Differences {
  return {
    missing: documented.filter((action) => !OURS.includes(action) && !(action in NOT_GIVEN)),
    surplus: OURS.filter((action) => !documented.includes(action) && !(action in NOT_DOCUMENTED)),
    outdated: [
      ...Object.keys(NOT_GIVEN).filter((action) => OURS.includes(action) || !documented.includes(action)),
      ...Object.keys(NOT_DOCUMENTED).filter((action) => !OURS.includes(action) || documented.includes(action)),
    ],
  };
}

describe('the permissions that the server documents for ECR', () => {
  let cloud: Live;
  let documented: string[];

  beforeAll(async () => {
    cloud = await live();
    const type = await cloud.zenml.admin.call<{ resource_types: { resource_type: string; description: string }[] }>(
      'GET',
      '/service_connector_types/aws',
    );
    const registry = type.resource_types.find((resource) => resource.resource_type === 'docker-registry');
    documented = [...new Set(registry?.description.match(/\becr:[A-Za-z]+/g) ?? [])];
  });

  test('the permissions that the server documents for ECR are found, and include the login', () => {
    expect(documented.length).toBeGreaterThanOrEqual(OURS.length);
    expect(documented).toContain(LOGIN_ACTION);
  });

  test("the permissions that the server documents differ from the library's only as explained", () => {
    expect(differences(documented)).toEqual({ missing: [], surplus: [], outdated: [] });
  });

  test('a release that documents one permission more, or one less, would be noticed', () => {
    expect(differences([...documented, 'ecr:StartImageScan']).missing).toEqual(['ecr:StartImageScan']);
    expect(differences(documented.filter((action) => action !== 'ecr:PutImage')).surplus).toEqual(['ecr:PutImage']);
    expect(differences(documented.filter((action) => action !== 'ecr:DescribeImages')).outdated).toEqual([
      'ecr:DescribeImages',
    ]);
  });
});
