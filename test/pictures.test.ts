import { readFileSync } from 'node:fs';
import { chart } from '../bench/chart';
import { fileOf, picture, THEMES } from '../projenrc/overview-picture';
import { graphOf, layersOf } from '../projenrc/template-graph';
import * as templatePicture from '../projenrc/template-picture';

test.each(THEMES)('the %s picture of the README is what its script draws', (theme) => {
  expect(readFileSync(fileOf(theme), 'utf8')).toBe(picture(theme));
});

test('a chart has a bar for each work and side, the longest across the whole width, and differs by theme in colors only', () => {
  const bars = [
    { work: 'create', library: 2, commandLine: 10 },
    { work: 'destroy', library: 1, commandLine: 5 },
  ];
  const [light, dark] = [chart(bars, 'light'), chart(bars, 'dark')];
  const widths = [...light.matchAll(/height="22"[^>]*|width="(\d+)" height="22"/g)]
    .map(([, width]) => Number(width))
    .filter((width) => width > 0);
  expect(widths).toEqual([106, 530, 53, 265]);
  expect(light).toContain('10.0 s');
  expect(light.replace(/#[0-9a-f]{6}/g, '#')).toBe(dark.replace(/#[0-9a-f]{6}/g, '#'));
});

test('the pictures of the template are what their script draws of the example', async () => {
  const template = await templatePicture.templateOfExample();
  for (const theme of THEMES) {
    // To draw them again: npx tsx projenrc/template-picture.ts
    expect(readFileSync(templatePicture.fileOf(theme), 'utf8')).toBe(templatePicture.picture(template, theme));
  }
});

test('the graph of a template has each kind of reference, and no resource beside or above one that it uses', () => {
  const nodes = graphOf({
    Resources: {
      User: { Type: 'A', Properties: { List: [{ 'Fn::GetAtt': ['Role', 'Arn'] }, { Ref: 'AWS::Region' }] } },
      Role: { Type: 'B', Properties: { Text: { 'Fn::Sub': ['${Key.Arn}/${Name}', { Name: { Ref: 'Bucket' } }] } } },
      Bucket: { Type: 'C', Properties: { Key: { 'Fn::GetAtt': 'Key.Arn' }, Self: { 'Fn::Sub': '${Bucket}' } } },
      Key: { Type: 'D' },
    },
  });
  expect(Object.fromEntries(nodes.map(({ id, uses }) => [id, uses]))).toEqual({
    User: ['Role'], Role: ['Key', 'Bucket'], Bucket: ['Key'], Key: [],
  });
  expect(layersOf(nodes).map((layer) => layer.map(({ id }) => id))).toEqual([['Key'], ['Bucket'], ['Role'], ['User']]);
});
