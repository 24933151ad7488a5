import { readFileSync } from 'node:fs';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { Cdk } from './clients/cdk';
import { pushJobImage } from './clients/job-image';
import { DockerCredentials, pushImage } from './clients/oci-repository';
import { SageMaker } from './clients/sagemaker';
import { ensureAwsClientVenv, ensureClientVenv, ZenmlClient } from './clients/zenml-client';
import { mustRun } from './process/command';
import { ROOT, toolScript } from './process/paths';
import { Run, stopKept } from './process/run';
import { releaseAll, stopAll } from './process/service';
import { Venv } from './process/venv';
import { API_KEY_SECRET, LocalCloud, prepareVenvs, startLocalCloud, storeSecret } from './services/local-cloud';
import { RecordingFront } from './services/recording-front';
import { describeCalls, logins, RecordedCall } from './services/recording-proxy';
import { ZenmlApi, ZenmlObject } from './services/zenml-api';
import { assertThat, Steps } from './steps';

const CHANGED = 'Changed by the second deploy';
/** The example that is deployed, as cdk.json does it for another one. */
const APP = 'node local/ensure-bundle.mjs && npx tsx --tsconfig examples/typescript/tsconfig.json '
  + 'examples/typescript/aws-stack-local/app.ts';
const TEXT = 'artifacts in S3';

/** What the pipeline of the demo prints. */
interface PipelineRun {
  readonly run: string;
  readonly uri: string;
  readonly value: string;
}

/** What a pipeline in SageMaker prints in addition. */
interface SageMakerRun extends PipelineRun {
  readonly execution: string;
  readonly job: string;
}

interface Options {
  /** Whether everything is left running at the end. */
  readonly keep: boolean;
  /** Whether the pipeline also runs in the local SageMaker. */
  readonly sagemaker: boolean;
}

/**
 * `npm run demo`: an example app, deployed by the ordinary CDK command line to a local AWS and a real ZenML server,
 * used by a real pipeline, and taken out again.
 */
class Demo {
  private readonly steps = new Steps();
  private cloud!: LocalCloud;
  private front!: RecordingFront;
  private cdk!: Cdk;
  private apiKey!: string;
  private user!: ZenmlApi;
  private context!: Record<string, string>;
  private before!: { aws: string[]; zenml: string[] };

  public constructor(private readonly run: Run, private readonly options: Options) {}

  public async play(): Promise<void> {
    try {
      await this.prepare();
      let ids = await this.deploy();
      await this.look();
      await this.push();
      await this.runPipeline();
      if (this.options.sagemaker) { ids = await this.moveToSageMaker(); }
      await this.deployUnchanged();
      await this.change(ids);
      if (this.options.keep) {
        await this.leaveRunning();
        return;
      }
      await this.destroy();
    } catch (error) {
      console.error(
        `\nFAILED in step "${this.steps.current}": ${(error as Error).message}\n\nThe logs are in ${this.run.logs}`,
      );
      process.exitCode = 1;
      await stopAll();
      return;
    }
    await this.run.end();
    console.log(
      `\nAll steps passed in ${this.steps.elapsed}. Nothing is left: services stopped, files removed. (\`npm run demo -- --keep\` leaves it running to look at.)`,
    );
  }

  private async prepare(): Promise<void> {
    await this.steps.run('Install the local services (ministack as AWS, ZenML server and client)', async () => {
      const [services] = await Promise.all([
        prepareVenvs(this.run), ensureClientVenv(this.run.log('client-venv')),
        ...this.options.sagemaker ? [ensureAwsClientVenv(this.run.log('client-venv'))] : [],
      ]);
      this.steps.report(services);
    });
    await this.steps.run('Bundle the custom resource handler', async () => {
      await mustRun('bundling', process.execPath, [toolScript('projen'), 'bundle'], {
        cwd: ROOT,
        env: process.env,
        log: this.run.log('bundle'),
      });
    });
    await this.steps.run('Start the services on 127.0.0.1', async () => {
      this.cloud = await startLocalCloud(this.run);
      this.front = await RecordingFront.start(this.run, this.cloud.zenml.url);
      this.cdk = new Cdk({ folder: this.run.directory('cdk'), log: this.run.log('cdk') }, this.cloud.aws, APP);
      this.steps.report(
        `AWS ${this.cloud.aws.endpoint} (account ${this.cloud.aws.account}, permissions enforced)\nZenML ${this.front.url} (calls are counted on the way)`,
      );
    });
    await this.steps.run(
      `Make a ZenML service account and put its API key into the secret "${API_KEY_SECRET}"`,
      async () => {
        this.apiKey = (await this.cloud.zenml.createApiKey('cdk-deployer')).key;
        await storeSecret(this.cloud.aws, API_KEY_SECRET, this.apiKey);
        this.user = await ZenmlApi.login(this.cloud.zenml.url, this.apiKey);
        this.context = { zenmlUrl: this.front.url };
      },
    );
    await this.steps.run('cdk bootstrap', async () => {
      await this.cdk.bootstrap();
      this.before = await this.inventory();
    });
  }

  private async deploy(): Promise<string[]> {
    return this.steps.run('cdk deploy', async () => {
      this.front.take();
      await this.cdk.deploy({ context: this.context, onLine: (line) => this.reportResource(line) });
      this.reportCalls(this.front.take());
      const outputs = Object.values(
        JSON.parse(readFileSync(this.cdk.outputsFile, 'utf8')) as Record<string, Record<string, string>>,
      )[0]!;
      this.steps.report(Object.entries(outputs).map(([name, value]) => `output ${name} = ${value}`).join('\n'));
      const made = await this.cloud.zenml.admin.inventory();
      assertThat(
        made.some((line) => line.startsWith('components ')),
        `the deploy registered no component in ZenML: ${made.join('; ') || 'nothing there'}`,
      );
      return made;
    });
  }

  /** What a teammate sees with ZenML's own command line. */
  private async look(): Promise<void> {
    await this.steps.run('Look at it with the real zenml command line', async () => {
      const registry = await this.registry();
      for (const args of [
        ['container-registry', 'list'],
        ['artifact-store', 'list'],
        ['service-connector', 'verify', connectorOf(registry).id, '--resource-type', 'docker-registry'],
        ['stack', 'describe', await this.stackName()],
      ]) {
        this.steps.report(`$ zenml ${args.join(' ')}`);
        const output = await this.cloud.zenml.cli(this.apiKey, args, this.cloud.aws);
        this.steps.report(output.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '').join('\n'));
        if (args[0] === 'container-registry') {
          // The table cuts long names.
          assertThat(
            output.includes(registry.name.slice(0, 12)),
            `zenml ${args.join(' ')} does not show ${registry.name}`,
          );
        }
      }
    });
  }

  private async push(): Promise<void> {
    await this.steps.run('Push an OCI image with the credentials that the connector hands out', async () => {
      const configuration = await this.registryConfiguration();
      const credentials = await this.dockerCredentials();
      const digest = await pushImage(this.cloud.aws, credentials, configuration.default_repository, 'demo');
      const ecr = new ECRClient(this.cloud.aws.clientOptions());
      const images = await ecr.send(new DescribeImagesCommand({ repositoryName: configuration.default_repository }));
      assertThat(
        images.imageDetails?.some((image) => image.imageDigest === digest) ?? false,
        `ECR does not list the pushed image ${digest}`,
      );
      this.steps.report(`${configuration.uri}/${configuration.default_repository}:demo@${digest.slice(0, 19)}...`);
    });
  }

  /** As two people of a team: neither has AWS keys, only a login at the ZenML server. */
  private async runPipeline(): Promise<void> {
    const author = await this.client('author');
    const made = await this.steps.run('Run a pipeline of two steps with the real zenml client', async () => {
      await author.zenml('stack', 'set', await this.stackName());
      const run = await author.script<PipelineRun>('two_steps.py', TEXT);
      assertThat(
        run.value === TEXT.replaceAll(' ', '-'),
        `the second step must get what the first has made, got: ${run.value}`,
      );
      assertThat(
        run.uri.startsWith(`s3://${await this.bucket()}/`),
        `the artifact must be in the bucket, it is at ${run.uri}`,
      );
      this.steps.report(`artifact ${run.uri}`);
      return run;
    });
    await this.steps.run('Read the artifact as a teammate, and try another bucket', async () => {
      const read = await (await this.client('teammate')).script<string>('read_artifact.py', made.run);
      assertThat(read === made.value, `the teammate must read ${made.value}, got: ${read}`);
      const { id } = connectorOf(await this.component('artifact_store'));
      const bucket = await this.bucket();
      const other = `cdk-hnb659fds-assets-${this.cloud.aws.account}-${this.cloud.aws.region}`;
      const tried = await author.script<Record<string, string[]>>(
        'try_objects.py',
        id,
        `s3://${bucket}`,
        `${bucket}/x`,
        `${other}/x`,
      );
      assertThat(
        tried[`${bucket}/x`]!.includes('deleted'),
        `the bucket must be writable, got: ${tried[`${bucket}/x`]!.join()}`,
      );
      assertThat(
        tried[`${other}/x`]!.join() === 'AccessDenied',
        `another bucket must be refused, got: ${tried[`${other}/x`]!.join()}`,
      );
      this.steps.report(`read without AWS keys: ${read}\nwrites to another bucket of the account: AccessDenied`);
    });
  }

  /** The same stack with another orchestrator: the steps of the pipeline run as jobs with the execution role. */
  private async moveToSageMaker(): Promise<string[]> {
    const ids = await this.steps.run('cdk deploy -c orchestrator=sagemaker', async () => {
      this.context = { ...this.context, orchestrator: 'sagemaker' };
      await this.cdk.deploy({ context: this.context, onLine: (line) => this.reportResource(line) });
      this.reportCalls(this.front.take());
      return this.cloud.zenml.admin.inventory();
    });
    await this.steps.run('Run the steps as SageMaker jobs, one in a pipeline and one by the step operator', async () => {
      const { aws } = this.cloud;
      const venv = await ensureAwsClientVenv(this.run.log('client-venv'));
      const { default_repository } = await this.registryConfiguration();
      const image = await pushJobImage(aws, await this.dockerCredentials(), default_repository, venv);
      const author = await this.client('sagemaker', venv);
      await author.zenml('stack', 'set', await this.stackName());
      const run = await author.script<SageMakerRun>('in_sagemaker.py', TEXT, image);
      assertThat(
        run.value === TEXT.replaceAll(' ', '-') && run.uri.startsWith(`s3://${await this.bucket()}/`),
        `the second step must store ${TEXT.replaceAll(' ', '-')} in the bucket, got: ${run.value} at ${run.uri}`,
      );
      const sagemaker = new SageMaker(aws);
      const jobs = [...(await sagemaker.steps(run.execution)).map(({ job }) => job), run.job];
      for (const job of jobs) {
        const { TrainingJobStatus, RoleArn } = await sagemaker.call('DescribeTrainingJob', { TrainingJobName: job });
        this.steps.report(`${job}: ${TrainingJobStatus}, as ${RoleArn}`);
      }
      this.steps.report(`artifact ${run.uri}`);
    });
    return ids;
  }

  private async deployUnchanged(): Promise<void> {
    await this.steps.run('cdk deploy again, nothing changed', async () => {
      this.front.take();
      await this.cdk.deploy({ context: this.context });
      const calls = this.front.take();
      assertThat(
        calls.length === 0,
        `an unchanged deploy must not call ZenML, but made ${calls.length} calls:\n${describeCalls(calls)}`,
      );
      this.steps.report('0 calls reached ZenML');
    });
  }

  private async change(ids: string[]): Promise<void> {
    await this.steps.run('Change the description and deploy', async () => {
      this.context = { ...this.context, description: CHANGED };
      // CloudFormation's events tell nothing here: the local AWS reports every resource as updated, also those that it
      // left alone.
      await this.cdk.deploy({ context: this.context });
      this.reportCalls(this.front.take());
      const now = await this.cloud.zenml.admin.inventory();
      assertThat(
        now.join() === ids.join(),
        `the objects in ZenML must keep their ids:\nbefore ${ids.join('; ')}\nafter  ${now.join('; ')}`,
      );
      const described = JSON.stringify([
        await this.cloud.zenml.admin.list('service_connectors'),
        await this.cloud.zenml.admin.list('stacks'),
      ]);
      assertThat(described.includes(CHANGED), 'no object in ZenML has the new description');
      this.steps.report('changed in place, same ids');
    });
  }

  private async destroy(): Promise<void> {
    await this.steps.run('Empty the bucket, which CloudFormation deletes only then', async () => {
      const count = await this.cloud.aws.emptyBucket(await this.bucket(), this.run.directory('inventory'));
      this.steps.report(`${count} objects deleted`);
    });
    await this.steps.run('cdk destroy', async () => {
      await this.cdk.destroy({ context: this.context, onLine: (line) => this.reportResource(line) });
      this.reportCalls(this.front.take());
    });
    await this.steps.run('See that ZenML and AWS are as they were before', async () => {
      const after = await this.inventory();
      // SageMaker creates its log groups, not the app. AWS keeps them as well.
      after.aws = after.aws.filter((line) => !line.startsWith('log group /aws/sagemaker/'));
      assertThat(
        after.zenml.join() === this.before.zenml.join(),
        `left in ZenML: ${after.zenml.filter((line) => !this.before.zenml.includes(line)).join('; ')}`,
      );
      assertThat(
        after.aws.join() === this.before.aws.join(),
        `left in AWS: ${after.aws.filter((line) => !this.before.aws.includes(line)).join('; ')}`,
      );
      this.steps.report(
        'ZenML: only its own "default" objects\nAWS: no bucket, repository, role, user, access key, secret, parameter, function or log group of the app',
      );
    });
  }

  private async leaveRunning(): Promise<void> {
    const { zenml, aws } = this.cloud;
    await zenml.finishOnboarding();
    const environment = this.run.writeSecret(
      'aws.env',
      Object.entries(aws.administrator)
        .map(([key, value]) => `export ${key}=${value}\n`)
        .join(''),
    );
    // Without the context that was deployed, the app would name the example's own server.
    const context = Object.entries(this.context).map(([key, value]) => `-c ${quoted(`${key}=${value}`)}`).join(' ');
    this.run.keep();
    releaseAll();
    console.log([
      '',
      `ZenML dashboard   ${zenml.url}   user admin, password ${zenml.where.adminPassword}`,
      `Local AWS         ${aws.endpoint}`,
      `Use it            . ${quoted(environment)}   (sends aws and cdk of this shell there)`,
      `See a difference  npx cdk diff --app ${quoted(APP)} ${context}`,
      `Deploy again      npx cdk deploy --app ${quoted(APP)} ${context}`,
      `Logs              ${this.run.logs}`,
      'Stop and remove   npm run demo -- --stop',
    ].join('\n'));
  }

  /** The machine of a person with a login of their own. */
  private async client(name: string, venv?: Venv): Promise<ZenmlClient> {
    const { aws, zenml } = this.cloud;
    const { key } = await zenml.createApiKey(`demo-${name}`);
    return new ZenmlClient({
      venv: venv ?? await ensureClientVenv(this.run.log('client-venv')),
      home: this.run.directory(`client-${name}`),
      log: this.run.log(`client-${name}`),
      aws,
      url: zenml.url,
      apiKey: key,
    });
  }

  private async registry(): Promise<ZenmlObject> {
    return this.component('container_registry');
  }

  private async registryConfiguration(): Promise<{ uri: string; default_repository: string }> {
    const { metadata } = await this.registry();
    return (metadata as { configuration: { uri: string; default_repository: string } }).configuration;
  }

  /** What the connector of the registry hands out. */
  private async dockerCredentials(): Promise<DockerCredentials> {
    const { id } = connectorOf(await this.registry());
    const { metadata } = await this.user.call<{ metadata: { configuration: DockerCredentials } }>(
      'GET', `/service_connectors/${id}/client?resource_type=docker-registry`);
    return metadata.configuration;
  }

  private async bucket(): Promise<string> {
    const { configuration } = (await this.component('artifact_store')).metadata as { configuration: { path: string } };
    return new URL(configuration.path).host;
  }

  /** The component of a type that the deploy has registered. */
  private async component(type: string): Promise<ZenmlObject> {
    const found = (await this.cloud.zenml.admin.list('components')).filter(
      (component) => (component.body as { type: string }).type === type && component.name !== 'default',
    );
    assertThat(found.length === 1, `expected one ${type} in ZenML, found ${found.length}`);
    return found[0]!;
  }

  private async stackName(): Promise<string> {
    return (await this.cloud.zenml.admin.list('stacks')).find((stack) => stack.name !== 'default')!.name;
  }

  private async inventory(): Promise<{ aws: string[]; zenml: string[] }> {
    return {
      aws: await this.cloud.aws.inventory(this.run.directory('inventory')),
      zenml: await this.cloud.zenml.admin.inventory(),
    };
  }

  private reportCalls(calls: RecordedCall[]): void {
    this.steps.report(`${calls.length} calls reached ZenML, ${logins(calls)} of them logins`);
  }

  /** The registrations among CloudFormation's events, which are what this is about. */
  private reportResource(line: string): void {
    const match = /\| (\w+_(?:COMPLETE|FAILED)) +\| (Custom::ZenML\w+) +\| (.*)$/.exec(line);
    if (match) { this.steps.report(`${match[2]} ${match[1]}`); }
  }
}

function connectorOf(component: ZenmlObject): { readonly id: string } {
  return (component.metadata as { connector: { id: string } }).connector;
}

/** As a POSIX shell takes it, whatever is in it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}

async function main(args: string[]): Promise<void> {
  const unknown = args.find((arg) => !['--keep', '--stop', '--sagemaker'].includes(arg));
  if (unknown) { throw new Error(`npm run demo knows --keep, --stop, --sagemaker and --help, got: ${unknown}`); }
  if (args.includes('--stop')) {
    const stopped = await stopKept();
    console.log(
      stopped.length
        ? 'Stopped and removed what `npm run demo -- --keep` had left running.'
        : 'Nothing was left running.',
    );
    return;
  }
  const [keep, sagemaker] = ['--keep', '--sagemaker'].map((option) => args.includes(option));
  await new Demo(await Run.create(), { keep: keep!, sagemaker: sagemaker! }).play();
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
