import { IStackComponent } from './stack-component';
import { ComponentReference } from '../contract/properties';
import { referenceTo } from '../custom-resource/references';

/** How the handler finds a stack component. */
export function componentReference(component: IStackComponent): ComponentReference {
  return {
    ComponentType: component.componentType.name,
    ...referenceTo(component, component.stackComponentNameOrId),
  };
}
