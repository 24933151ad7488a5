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

  /**
   * Any other type.
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
