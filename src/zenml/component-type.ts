import { validatePattern } from '../private/validation';

/** Types of stack components in ZenML. */
export class ComponentType {
  /** Stores container images. */
  public static readonly CONTAINER_REGISTRY = new ComponentType('container_registry');
  /** Runs pipelines. */
  public static readonly ORCHESTRATOR = new ComponentType('orchestrator');
  /** Stores artifacts. */
  public static readonly ARTIFACT_STORE = new ComponentType('artifact_store');
  /** Runs single steps of a pipeline in another environment. */
  public static readonly STEP_OPERATOR = new ComponentType('step_operator');
  /** Builds container images. */
  public static readonly IMAGE_BUILDER = new ComponentType('image_builder');
  /** Sends messages to people. */
  public static readonly ALERTER = new ComponentType('alerter');
  /** Labels data. */
  public static readonly ANNOTATOR = new ComponentType('annotator');
  /** Checks data. */
  public static readonly DATA_VALIDATOR = new ComponentType('data_validator');
  /** Runs pipelines as services. ZenML 0.90 or newer. */
  public static readonly DEPLOYER = new ComponentType('deployer');
  /** Records experiments. */
  public static readonly EXPERIMENT_TRACKER = new ComponentType('experiment_tracker');
  /** Stores features. */
  public static readonly FEATURE_STORE = new ComponentType('feature_store');
  /** Stores logs. ZenML 0.93 or newer. */
  public static readonly LOG_STORE = new ComponentType('log_store');
  /** Serves models. ZenML prefers `DEPLOYER` for new stacks. */
  public static readonly MODEL_DEPLOYER = new ComponentType('model_deployer');
  /** Stores models. */
  public static readonly MODEL_REGISTRY = new ComponentType('model_registry');
  /** Runs code of agents apart from everything else. ZenML 0.95 or newer. */
  public static readonly SANDBOX = new ComponentType('sandbox');

  /**
   * A type by its name, for types of newer releases of ZenML.
   *
   * @param name ZenML's name of the type, in lower case with underscores, such as `experiment_tracker`
   * @throws when the name has another form
   */
  public static of(name: string): ComponentType {
    validatePattern('name', name, /^[a-z]+(_[a-z]+)*$/, '"experiment_tracker" (lower case, underscores)');
    return new ComponentType(name);
  }

  private constructor(
    /** ZenML's name of the type. */
    public readonly name: string,
  ) {}
}
