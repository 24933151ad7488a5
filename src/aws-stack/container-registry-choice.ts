import { Choice } from './parts';
import { EcrContainerRegistry, EcrContainerRegistryOptions, RegistryAuthentication } from '../container-registry';
import { IStackComponent } from '../zenml';

/** The container registry of an `AwsZenMLStack`. */
export class ContainerRegistry {
  /** ECR repositories with their connector and their container registry in ZenML. */
  public static ecr(options: EcrContainerRegistryOptions = {}): ContainerRegistry {
    return new ContainerRegistry(({ scope, registration, authentication, dataRemovalPolicy }) => (
      new EcrContainerRegistry(scope, 'Registry', {
        authentication: RegistryAuthentication.connector(authentication),
        repositoryDefaults: dataRemovalPolicy === undefined ? undefined : { removalPolicy: dataRemovalPolicy },
        outputs: false,
        ...options,
        ...registration(options.stackComponentName),
      })
    ));
  }

  /** A container registry that exists in ZenML, or that the app defines elsewhere. */
  public static existing(component: IStackComponent): ContainerRegistry {
    return new ContainerRegistry(() => component);
  }

  /** No container registry: for stacks whose steps all run without containers. */
  public static none(): ContainerRegistry {
    return new ContainerRegistry(() => undefined);
  }

  private constructor(
    /** @internal */
    public readonly _bind: Choice,
  ) {}
}
