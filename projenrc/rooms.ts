/**
 * What each folder of `src` may import besides itself, from the ground floor up: constructs -> contract <- handler. ESLint enforces the list,
 * and a test compares it with the table of CONTRIBUTING.md.
 */
export const ROOMS: Record<string, string[]> = {
  'contract': [],
  'handler': ['contract'],
  'private': ['contract'],
  'ecr-repository': ['contract', 'private'],
  'ecr-registry': ['contract', 'private', 'ecr-repository'],
  'iam': ['contract', 'private', 'ecr-repository'],
  'server': ['contract', 'private', 'iam'],
  'custom-resource': ['contract', 'private', 'iam', 'server'],
  'zenml': ['contract', 'private', 'ecr-repository', 'iam', 'server', 'custom-resource'],
  'container-registry': ['contract', 'private', 'ecr-repository', 'ecr-registry', 'iam', 'server', 'custom-resource', 'zenml'],
};
