/// <reference lib="dom" />
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { Browser, Page } from 'puppeteer-core';
import { Cdk } from './clients/cdk';
import { ROOT } from './process/paths';
import { Run } from './process/run';
import { API_KEY_SECRET, LocalCloud, startLocalCloud, storeSecret } from './services/local-cloud';
import { ZenmlObject } from './services/zenml-api';
import { assertThat, Steps } from './steps';

const IMAGES = join(ROOT, 'docs', 'images');
const SIZE = { width: 1360, height: 820 };
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APP = 'node local/ensure-bundle.mjs && npx tsx --tsconfig examples/typescript/tsconfig.json '
  + 'examples/typescript/aws-stack-local/app.ts';
/** The login page draws with WebGL, which takes seconds without a graphics card. */
const PATIENCE_MS = 90_000;
/** The browser reaches 127.0.0.1 only. Icons of flavors are on other hosts, and are left out of the pictures. */
const BROWSER_ARGUMENTS = [
  '--no-sandbox', '--force-color-profile=srgb', '--disable-3d-apis', '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
const WITHOUT_ICONS = 'img { visibility: hidden; width: 1.5rem; height: 1.5rem; font-size: 0; }';

/** Path of the browser: `CHROME_PATH`, or the first that is installed. */
function findBrowser(): string {
  const found =
    process.env.CHROME_PATH
    ?? BROWSERS.map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim()).find(
      (path) => path !== '',
    );
  if (!found) {
    throw new Error(
      'No Chromium was found: install it (on Debian and Ubuntu: apt-get install chromium), or set CHROME_PATH to '
        + 'the path of a Chromium or Chrome, and run this again.',
    );
  }
  return found;
}

/**
 * `npm run screenshots`: deploys an example to the local AWS and a real ZenML server, looks at ZenML's dashboard with a
 * real browser, checks that the registered objects are shown, and writes the pictures of docs/dashboard.md.
 */
class Screenshots {
  private readonly steps = new Steps();
  private cloud!: LocalCloud;

  public constructor(private readonly run: Run) {}

  public async take(): Promise<void> {
    const executablePath = findBrowser();
    await this.steps.run('Deploy the example', async () => this.deploy());
    const browser = await puppeteer.launch({ executablePath, args: BROWSER_ARGUMENTS });
    try {
      const page = await this.logIn(browser);
      await this.steps.run('Look at the dashboard', async () => this.look(page));
    } finally {
      await browser.close();
    }
  }

  private async deploy(): Promise<void> {
    this.cloud = await startLocalCloud(this.run);
    const { aws, zenml } = this.cloud;
    await storeSecret(aws, API_KEY_SECRET, (await zenml.createApiKey('cdk-deployer')).key);
    await zenml.finishOnboarding();
    const cdk = new Cdk({ folder: this.run.directory('cdk'), log: this.run.log('cdk') }, aws, APP);
    await cdk.bootstrap();
    await cdk.deploy({ context: { zenmlUrl: zenml.url } });
  }

  private async logIn(browser: Browser): Promise<Page> {
    const page = await browser.newPage();
    await page.setViewport({ ...SIZE, deviceScaleFactor: 1 });
    await page.goto(`${this.cloud.zenml.url}/login`, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector('input[name="password"]', { timeout: PATIENCE_MS });
    await page.type('input[name="username"]', 'admin');
    await page.type('input[name="password"]', this.cloud.zenml.where.adminPassword);
    await page.click('button[type="submit"]');
    await page.waitForFunction(() => !globalThis.location.pathname.startsWith('/login'), { timeout: PATIENCE_MS });
    return page;
  }

  private async look(page: Page): Promise<void> {
    const { admin, url } = this.cloud.zenml;
    const components = await admin.list('components');
    const ofType = (type: string) =>
      components.find(({ body, name }) => (body as { type: string }).type === type && name !== 'default')!;
    const stack = (await admin.list('stacks')).find(({ name }) => name !== 'default')!;
    const registry = ofType('container_registry');
    const connector = (await admin.list('service_connectors')).find(({ id }) => id === connectorOf(registry))!;
    const pages: [string, string, string[]][] = [
      ['stacks', `${url}/stacks`, [stack.name]],
      [
        'registry',
        `${url}/components/${registry.id}`,
        [registry.name, connector.name, 'amazonaws.com', 'cdk-zenml:owner'],
      ],
      ['connector', `${url}/settings/connectors/${connector.id}/configuration`, [connector.name]],
    ];
    for (const [name, address, texts] of pages) { await this.shoot(page, { name, address, texts }); }
  }

  private async shoot(
    page: Page, { name, address, texts }: { readonly name: string; readonly address: string; readonly texts: string[] },
  ): Promise<void> {
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    for (const text of texts) {
      const shown = page.waitForFunction(
        (wanted) => globalThis.document.body.innerText.includes(wanted),
        { timeout: PATIENCE_MS },
        text,
      );
      const isShown = await shown.then(() => true, () => false);
      const seen = isShown ? '' : await page.evaluate(() => globalThis.document.body.innerText.slice(0, 1500));
      assertThat(isShown, `${address} must show "${text}", it shows:\n${seen}`);
    }
    await page.addStyleTag({ content: WITHOUT_ICONS });
    mkdirSync(IMAGES, { recursive: true });
    await page.screenshot({ path: join(IMAGES, `dashboard-${name}.png`) as `${string}.png` });
    this.steps.report(`${name}: ${texts.join(', ')}`);
  }
}

function connectorOf({ metadata }: ZenmlObject): string {
  return (metadata as { connector: { id: string } }).connector.id;
}

async function main(args: string[]): Promise<void> {
  if (args.length > 0) { throw new Error(`npm run screenshots takes no arguments, got: ${args.join(' ')}`); }
  const run = await Run.create();
  try {
    await new Screenshots(run).take();
  } finally {
    await run.end();
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
