/** The report in a real browser. Without Chromium one line says that it was not tried. */
import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Browser, chromiumPath } from '../../../support/chromium.js';
import { runCli } from '../../../support/cli.js';
import { fixtureNames, ROOT, tempDir, unpackFixture } from '../../../support/fixtures.js';

/** Pictures for whoever wants to look: EKV_SCREENSHOTS=1 keeps them in build/screenshots. */
const KEEP = process.env['EKV_SCREENSHOTS'] === '1';

const TABLES = `[...document.querySelectorAll('table')]`;
const FIRST_TABLE = `${TABLES}.find((t) => t.tBodies[0].rows.length > 7)`;
const COLUMN = `[...${FIRST_TABLE}.tBodies[0].rows].map((r) => r.cells[0].textContent)`;

const CHROMIUM = chromiumPath();

if (CHROMIUM === undefined) {
  it('the HTML report in Chromium: NOT tried, there is none (apt-get install chromium)', () => {
    expect(chromiumPath()).to.equal(undefined);
  });
} else {
  describe('the HTML report in Chromium', () => inBrowser(CHROMIUM));
}

function inBrowser(path: string): void {
  let browser: Browser;
  let url = '';

  before(async function () {
    this.timeout(120_000);
    const [name = ''] = fixtureNames('nodes');
    const file = join(tempDir('report'), 'a.html');
    const dir = join(unpackFixture('nodes', name), 'n1');
    runCli(['cold-start-dryrun', '--data-dir', dir, '--raft-id', 'n1', '--report', file]);
    url = pathToFileURL(file).href;
    browser = await Browser.open(path);
    await browser.goto(url);
  });

  after(async () => {
    await browser?.close();
  });

  it('asks for nothing but itself and complains of nothing', () => {
    expect(browser.requests).to.deep.equal([url]);
    expect(browser.complaints).to.deep.equal([]);
  });

  it('sorts by a column as numbers, by keyboard, up and down', async () => {
    const before = (await browser.evaluate(COLUMN)) as string[];
    await browser.evaluate(`${FIRST_TABLE}.tHead.rows[0].cells[0].firstChild.focus()`);
    await browser.press('Enter');
    const up = (await browser.evaluate(COLUMN)) as string[];
    expect(up).to.deep.equal([...before].sort((a, b) => Number(a) - Number(b)));
    await browser.press('Enter');
    expect(await browser.evaluate(COLUMN)).to.deep.equal([...up].reverse());
    const heard = `${FIRST_TABLE}.tHead.rows[0].cells[0].getAttribute('aria-sort')`;
    expect(await browser.evaluate(heard)).to.equal('descending');
  });

  it('filters rows and says how many are left', async () => {
    const left = await browser.evaluate(`(() => {
      const table = ${FIRST_TABLE};
      const input = table.closest('section').querySelector('input');
      input.value = 'lease';
      input.dispatchEvent(new Event('input'));
      const rows = [...table.tBodies[0].rows];
      const shown = rows.filter((row) => !row.hidden);
      const said = table.closest('section').querySelector('[role=status]').textContent;
      input.value = '';
      input.dispatchEvent(new Event('input'));
      return { shown: shown.length, all: rows.length, said,
        fits: shown.every((row) => row.textContent.includes('lease')) };
    })()`);
    const { shown, all, said, fits } = left as Record<string, unknown>;
    expect(fits).to.equal(true);
    expect(shown).to.be.within(1, Number(all) - 1);
    expect(said).to.equal(`${String(shown)} of ${String(all)} rows`);
  });

  it('the skip link is the first stop of the keyboard', async () => {
    await browser.goto(url);
    await browser.press('Tab');
    expect(await browser.evaluate('document.activeElement.className')).to.equal('skip');
    await browser.press('Enter');
    expect(await browser.evaluate('location.hash')).to.equal('#main');
  });

  it('nothing runs over the page, wide or narrow', async () => {
    const over = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    for (const width of [1600, 800, 420]) {
      await browser.resize(width);
      expect(await browser.evaluate(over), `${width} pixels wide`).to.equal(0);
    }
    await browser.resize(1200);
  });

  for (const [media, scheme] of [
    ['screen', 'light'],
    ['screen', 'dark'],
    ['print', 'dark'],
  ] as const) {
    it(`${media}, ${scheme}: has the colours it should`, async () => {
      await browser.emulate(media, scheme);
      const ground = 'getComputedStyle(document.documentElement).backgroundColor';
      const dark = media === 'screen' && scheme === 'dark';
      expect(await browser.evaluate(ground)).to.equal(
        dark ? 'rgb(15, 20, 25)' : 'rgb(255, 255, 255)',
      );
      const nav = "getComputedStyle(document.querySelector('nav')).display";
      expect(await browser.evaluate(nav)).to.equal(media === 'print' ? 'none' : 'block');
      const picture = await browser.screenshot();
      expect(picture.length).to.be.above(10_000);
      if (!KEEP) return;
      mkdirSync(join(ROOT, 'build', 'screenshots'), { recursive: true });
      writeFileSync(join(ROOT, 'build', 'screenshots', `${media}-${scheme}.png`), picture);
    });
  }

  it('says everything without its script', async () => {
    await browser.emulate('screen', 'light');
    const text = 'document.body.innerText.replace(/\\\\s+/g, " ").length';
    const withScript = Number(await browser.evaluate(text));
    const rows = 'document.querySelectorAll("tr").length';
    const allRows = await browser.evaluate(rows);
    await browser.withoutScripts(true);
    await browser.goto(url);
    expect(await browser.evaluate(rows)).to.equal(allRows);
    expect(Number(await browser.evaluate(text))).to.be.above(withScript * 0.9);
    expect(await browser.evaluate('document.querySelectorAll("button").length')).to.equal(0);
    await browser.withoutScripts(false);
  });
}
