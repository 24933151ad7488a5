import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registryTemplate } from './registry-app';
import { Story } from './story';

/** Repositories outlive stacks by default: what follows from that for the next deploy. */

let story: Story;
beforeEach(() => { story = new Story(); });
const deploy = async () => story.world.run(story.cloudformation.deploy('One', registryTemplate(story.scene)));

test('a first deploy that failed can be repeated: its rollback leaves no repository', async () => {
  story.scene.killKeys('a');
  expect(await deploy()).toBe('ROLLBACK_COMPLETE');
  expect([...story.world.account.repositories]).toEqual([]);
  story.scene.mendKeys();
  expect(await deploy()).toBe('CREATE_COMPLETE');
});

test('a deploy after a destroy fails over the retained repository, and the remedy of the README works', async () => {
  expect(await deploy()).toBe('CREATE_COMPLETE');
  expect(await story.destroy()).toBe('DELETE_COMPLETE');
  expect([...story.world.account.repositories]).toEqual(['zenml']);
  expect(await deploy()).toBe('ROLLBACK_COMPLETE');
  expect(story.reasons).toMatch(/zenml' already exists/);
  expect(readFileSync(join(__dirname, '../../README.md'), 'utf8')).toMatch(/cdk import|--import-existing-resources/);
});
