import { Fn } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { knownRepositoryName } from '../ecr-repository/registry-host';
import { isUnknown } from '../private/known';

/**
 * CloudFormation documents no limit for the value of an output. Where it passes a value on, as a parameter or in the
 * response of a custom resource, the limit is 4,096 bytes.
 */
const MAX_LENGTH = 4096;

/** Longest host that ZenML accepts: `<account>.dkr.ecr.ap-southeast-1.amazonaws.com`. */
const MAX_HOST_LENGTH = 49;
const MAX_NAME_LENGTH = 256;

/**
 * The URIs of the repositories of one registry as one text of at most 4,096 bytes, separated by commas, the default
 * repository first. If some do not fit, the last item reports how many are omitted and how their URIs are built.
 *
 * The text is a Fn::Sub, so that the template contains the host of the registry once and not once per repository. Names
 * that are known at synth are part of the text, so that `cdk diff` shows which repository a change adds.
 */
export function repositoryUriList(
  registryUri: string, repositories: ecr.IRepository[], defaultRepository: ecr.IRepository,
): string {
  const isDefault = ({ repositoryArn }: ecr.IRepository) => repositoryArn === defaultRepository.repositoryArn;
  const sorted = [...repositories].sort((one, other) => Number(isDefault(other)) - Number(isDefault(one)));
  const names = sorted.map((repository) => knownRepositoryName(repository) ?? repository.repositoryName);
  const listed = names.slice(0, fittingCount(names, lengthOf(registryUri, MAX_HOST_LENGTH)));

  const variables: Record<string, string> = {};
  const part = (variable: string, value: string) => {
    if (!isUnknown(value)) { return value; }
    variables[variable] = value;
    return `\${${variable}}`;
  };
  const host = part('Registry', registryUri);
  const items = listed.map((name, index) => `${host}/${part(`Repository${index}`, name)}`);
  if (listed.length < names.length) { items.push(omission(names.length - listed.length)); }
  const text = items.join(',');
  return Object.keys(variables).length > 0 ? Fn.sub(text, variables) : text;
}

/** How many of the repositories fit, with their longest possible URIs. */
function fittingCount(names: string[], hostLength: number): number {
  let remaining = MAX_LENGTH - omission(names.length).length;
  const firstThatDoesNotFit = names.findIndex((name) => {
    remaining -= hostLength + lengthOf(name, MAX_NAME_LENGTH) + '/,'.length;
    return remaining < 0;
  });
  return firstThatDoesNotFit < 0 ? names.length : firstThatDoesNotFit;
}

function omission(count: number): string {
  return `(${count} more: <RegistryUri>/<repository name>)`;
}

function lengthOf(text: string, longest: number): number {
  return isUnknown(text) ? longest : text.length;
}
