/**
 * The folders of `src`, and which other folders each may import. A folder imports only folders that stand above it.
 * ESLint enforces the list, and a test compares it with the table of CONTRIBUTING.md.
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
  'container-registry': [
    'contract',
    'private',
    'ecr-repository',
    'ecr-registry',
    'iam',
    'server',
    'custom-resource',
    'zenml',
  ],
  'artifact-store': ['contract', 'private', 'ecr-repository', 'iam', 'server', 'custom-resource', 'zenml'],
  'sagemaker': [
    'contract',
    'private',
    'ecr-repository',
    'iam',
    'server',
    'custom-resource',
    'zenml',
    'container-registry',
  ],
  'image-builder': [
    'contract',
    'private',
    'ecr-repository',
    'iam',
    'server',
    'custom-resource',
    'zenml',
    'container-registry',
  ],
};
