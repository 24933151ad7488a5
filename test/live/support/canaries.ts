import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const WINDOW = 16;
const STEP = 4;
/** A session of ZenML: what a login gives. */
const TOKEN = /eyJhbGciOi[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+/;

/** Secret values to look for in texts: whole, in part (a cut reason, say), and as base64, URL or JSON write them. */
export class Canaries {
  private readonly parts = new Map<string, Set<string>>();

  public add(name: string, secret: string): void {
    const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...encoded(secret)];
    // What is inside of a ZenML key is the secret proper.
    const inside = /^ZEN(?:PRO)?KEY_(.*)$/s.exec(secret)?.[1];
    if (inside) {
      forms.push(
        ...forms.map((form) => form.replace(/^.*?KEY_/, '')),
        (JSON.parse(Buffer.from(inside, 'base64').toString()) as { key: string }).key,
      );
    }
    this.parts.set(name, new Set(forms.flatMap(windows)));
  }

  public get count(): number {
    return this.parts.size;
  }

  /** The names of those of which the text holds sixteen letters or more. */
  public in(text: string): string[] {
    const found = [...this.parts]
      .filter(([, parts]) => [...parts].some((part) => text.includes(part)))
      .map(([name]) => name);
    return TOKEN.test(text) ? [...found, 'a login token'] : found;
  }
}

function windows(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start + WINDOW <= text.length; start += STEP) { parts.push(text.slice(start, start + WINDOW)); }
  return parts;
}

/** base64 of the text as it looks at each of the three places where it can begin in a longer one. */
function encoded(text: string): string[] {
  return [0, 1, 2].map((offset) => Buffer.from('x'.repeat(offset) + text).toString('base64').slice(offset ? 4 : 0, -4));
}

/** The content of all files in a folder and below it. */
export function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}
