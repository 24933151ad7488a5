import { live } from './support/live';
import { ComponentType } from '../../src';

/* The names of component types are ZenML's own. */
test('ComponentType has each type of the newest server, and no other', async () => {
  const { zenml } = await live();
  const answer = await fetch(`${zenml.url}/openapi.json`, { headers: { connection: 'close' } });
  const { components } = (await answer.json()) as { components: { schemas: Record<string, { enum?: string[] }> } };
  const own = Object.values(ComponentType).filter((type) => type instanceof ComponentType);
  expect(own.map(({ name }) => name).sort()).toEqual([...components.schemas.StackComponentType!.enum!].sort());
});
