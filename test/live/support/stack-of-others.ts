import { AwsOfOthers } from './aws-of-others';
import { Live } from './live';
import { ZenmlObject } from '../../../local/services/zenml-api';

type Kind = 'service_connectors' | 'components' | 'stacks';
type Configuration = Record<string, string>;

/** A stack that others than this library have made: its objects in ZenML, and those in AWS that they are for. */
export class StackOfOthers {
  /**
   * As ZenML's Terraform module for AWS (v2.0.12) makes it with `zenml_stack_name` and its other inputs left out, for a
   * self-hosted server: the requests are those of ZenML's Terraform provider (v3.0.6).
   */
  public static async byTerraform(
    cloud: Live, name: string, orchestrator: 'sagemaker' | 'skypilot' = 'sagemaker',
  ): Promise<StackOfOthers> {
    const made = new StackOfOthers(cloud, await AwsOfOthers.make(cloud.aws, name), name, 'terraform');
    await made.registerOneByOne(orchestrator);
    return made;
  }

  /**
   * As ZenML's CloudFormation template (commit 09ad13f) makes it by default: one request registers a stack with its
   * components and one service connector for all of them. Images are built by Docker on the machine of the user.
   */
  public static async byTemplate(cloud: Live, name: string): Promise<StackOfOthers> {
    const made = new StackOfOthers(cloud, await AwsOfOthers.make(cloud.aws, name), name, 'cloud-formation');
    await made.registerAtOnce();
    return made;
  }

  private readonly ids: { readonly kind: Kind; readonly id: string }[] = [];

  private constructor(
    private readonly cloud: Live,
    public readonly aws: AwsOfOthers,
    public readonly name: string,
    private readonly deployment: string,
  ) {}

  /** Each object in ZenML as a line of JSON without what every write changes. */
  public async inZenml(): Promise<string[]> {
    const objects = await Promise.all(this.ids.map(async ({ kind, id }) => this.read(kind, id)));
    return objects.map((object) => JSON.stringify(object, (key, value: unknown) => (key === 'updated' ? undefined : value)));
  }

  /** What is the module's in ZenML, by kind. */
  public async all(kind: Kind): Promise<ZenmlObject[]> {
    return Promise.all(this.idsOf(kind).map(async (id) => this.read(kind, id)));
  }

  /** The component of a type. */
  public async component(type: string): Promise<ZenmlObject> {
    return (await this.all('components')).find(({ body }) => (body as { type: string }).type === type)!;
  }

  public idsOf(kind: Kind): string[] {
    return this.ids.filter((object) => object.kind === kind).map(({ id }) => id);
  }

  /** The connectors are no longer used: deletes them, and their role, user and project in AWS. */
  public async deleteWhatIsNotAdopted(): Promise<void> {
    for (const id of this.idsOf('service_connectors')) {
      await this.cloud.zenml.admin.call('DELETE', `/service_connectors/${id}`);
    }
    await this.aws.deleteAllButData();
  }

  private async registerOneByOne(orchestrator: 'sagemaker' | 'skypilot'): Promise<void> {
    const { bucket, repositoryUri, region } = this.aws;
    const s3 = await this.connector('s3', 's3-bucket', bucket);
    const ecr = await this.connector('ecr', 'docker-registry', repositoryUri);
    const aws = await this.connector('aws', 'aws-generic');
    const configuration = this.configurations();
    const components = {
      artifact_store: await this.register('s3', 'artifact_store', 's3', s3, configuration.artifactStore),
      container_registry: await this.register('ecr', 'container_registry', 'aws', ecr, configuration.containerRegistry),
      orchestrator: orchestrator === 'skypilot'
        ? await this.register('skypilot', 'orchestrator', 'vm_aws', aws, { region })
        : await this.register('sagemaker', 'orchestrator', 'sagemaker', aws, configuration.orchestrator),
      step_operator: await this.register('sagemaker', 'step_operator', 'sagemaker', aws, configuration.stepOperator),
      image_builder: await this.register('codebuild', 'image_builder', 'aws', aws, configuration.imageBuilder),
      deployer: await this.register('app-runner', 'deployer', 'aws', aws, configuration.deployer),
    };
    await this.post('stacks', {
      name: this.name,
      components: Object.fromEntries(Object.entries(components).map(([type, id]) => [type, [id]])),
      labels: this.labels,
    });
  }

  private async registerAtOnce(): Promise<void> {
    const { region, roleArn, key } = this.aws;
    const configuration = this.configurations();
    const component = (flavor: string, value: Configuration) => [{
      flavor, service_connector_index: 0, configuration: value,
    }];
    const stack = await this.post('stacks', {
      name: this.name,
      description: `Deployed by AWS CloudFormation stack ${this.name}.`,
      labels: this.labels,
      service_connectors: [{
        type: 'aws',
        auth_method: 'iam-role',
        configuration: {
          aws_access_key_id: key.accessKeyId,
          aws_secret_access_key: key.secretAccessKey,
          role_arn: roleArn,
          region,
        },
      }],
      components: {
        artifact_store: component('s3', configuration.artifactStore),
        container_registry: component('aws', configuration.containerRegistry),
        orchestrator: component('sagemaker', configuration.orchestrator),
        step_operator: component('sagemaker', configuration.stepOperator),
        image_builder: [{ flavor: 'local' }],
      },
    });
    const { metadata } = await this.read('stacks', stack);
    const components = Object.values((metadata as { components: Record<string, ZenmlObject[]> }).components).flat();
    this.ids.push(...components.map(({ id }) => ({ kind: 'components' as const, id })));
    const { connector } = (await this.component('artifact_store')).metadata as { connector: ZenmlObject };
    this.ids.push({ kind: 'service_connectors', id: connector.id });
  }

  /** What module and template configure their components with. */
  private configurations() {
    const { bucket, registryHost, name, roleArn } = this.aws;
    return {
      artifactStore: { path: `s3://${bucket}` },
      containerRegistry: { uri: registryHost, default_repository: name },
      orchestrator: { execution_role: `${roleArn}-sagemaker`, output_data_s3_uri: `s3://${bucket}/sagemaker` },
      stepOperator: { role: `${roleArn}-sagemaker`, bucket },
      imageBuilder: { code_build_project: name },
      deployer: {
        access_role_arn: roleArn,
        instance_role_arn: `${roleArn}-app-runner`,
        service_name_prefix: name,
        secret_name_prefix: name,
      },
    } satisfies Record<string, Configuration>;
  }

  private get labels() {
    return { 'zenml:provider': 'aws', 'zenml:deployment': this.deployment };
  }

  /** As the provider does: ZenML verifies the connector before it stores it. */
  private async connector(suffix: string, resourceType: string, resourceId?: string): Promise<string> {
    const { region, roleArn, key } = this.aws;
    const request = {
      name: `${this.name}-${suffix}`,
      connector_type: 'aws',
      auth_method: 'iam-role',
      resource_types: [resourceType],
      resource_id: resourceId,
      configuration: {
        region,
        role_arn: roleArn,
        aws_access_key_id: key.accessKeyId,
        aws_secret_access_key: key.secretAccessKey,
      },
      labels: this.labels,
    };
    const { error } = await this.cloud.zenml.admin.call<{ error: string | null }>(
      'POST', '/service_connectors/verify', request);
    if (error) { throw new Error(`${request.name}: ${error}`); }
    return this.post('service_connectors', request);
  }

  private async register(
    suffix: string, type: string, flavor: string, connector: string, configuration: Configuration,
  ): Promise<string> {
    return this.post('components', {
      name: `${this.name}-${suffix}`, type, flavor, configuration, connector, labels: this.labels,
    });
  }

  private async post(kind: Kind, body: object): Promise<string> {
    const { id } = await this.cloud.zenml.admin.call<{ id: string }>('POST', `/${kind}`, body);
    this.ids.push({ kind, id });
    return id;
  }

  private async read(kind: Kind, id: string): Promise<ZenmlObject> {
    return this.cloud.zenml.admin.call<ZenmlObject>('GET', `/${kind}/${id}?hydrate=true`);
  }
}
