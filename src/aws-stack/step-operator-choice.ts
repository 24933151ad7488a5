import { Choice } from './parts';
import { SageMakerStepOperator, SageMakerStepOperatorOptions } from '../sagemaker';
import { IStackComponent } from '../zenml';

/** A step operator of an `AwsZenMLStack`. */
export class StepOperator {
  /**
   * Single steps run as Amazon SageMaker training jobs. Needs a container registry and an image builder.
   *
   * @param id construct id, needed for a second step operator; default: `StepOperator`
   */
  public static sageMaker(options: SageMakerStepOperatorOptions = {}, id: string = 'StepOperator'): StepOperator {
    return new StepOperator((parts) => new SageMakerStepOperator(parts.scope, id, {
      ...(options.connector || options.authentication ? {} : { connector: parts.computeConnector() }),
      ...options,
      ...parts.registration(options.stackComponentName),
      runtime: parts.runtime(),
    }));
  }

  /** A step operator that exists in ZenML, or that the app defines elsewhere. */
  public static existing(component: IStackComponent): StepOperator {
    return new StepOperator(() => component);
  }

  private constructor(
    /** @internal */
    public readonly _bind: Choice,
  ) {}
}
