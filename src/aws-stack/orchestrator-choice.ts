import { Choice, serverDefault } from './parts';
import { SageMakerOrchestrator, SageMakerOrchestratorOptions } from '../sagemaker';
import { ComponentType, IStackComponent } from '../zenml';

/** The orchestrator of an `AwsZenMLStack`. */
export class Orchestrator {
  /** Pipelines run in Amazon SageMaker. Needs a container registry and an image builder. */
  public static sageMaker(options: SageMakerOrchestratorOptions = {}): Orchestrator {
    return new Orchestrator((parts) => new SageMakerOrchestrator(parts.scope, 'Orchestrator', {
      ...(options.connector || options.authentication ? {} : { connector: parts.computeConnector() }),
      ...options,
      ...parts.registration(options.stackComponentName),
      runtime: parts.runtime(),
    }), true);
  }

  /** The orchestrator `default` of the ZenML server: pipelines run on the machine that starts them. */
  public static serverDefault(): Orchestrator {
    return new Orchestrator(serverDefault(ComponentType.ORCHESTRATOR, 'Orchestrator'));
  }

  /** An orchestrator that exists in ZenML, or that the app defines elsewhere. */
  public static existing(component: IStackComponent): Orchestrator {
    return new Orchestrator(() => component);
  }

  private constructor(
    /** @internal */
    public readonly _bind: Choice,
    /** @internal whether steps run in SageMaker */
    public readonly _runsInSageMaker: boolean = false,
  ) {}
}
