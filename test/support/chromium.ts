/**
 * Debian's Chromium, headless, spoken to over a pair of pipes (the DevTools protocol: JSON ending in
 * a zero byte). No package is needed; where there is no Chromium the tests that want it say so.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { tempDir } from './fixtures.js';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export function chromiumPath(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
];

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export class Browser {
  private readonly process: ChildProcess;
  private readonly input: Writable;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private last = 0;
  private session: string | undefined;
  /** Every request for something on a network, and every message of the console. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  private constructor(path: string) {
    const flags = [...FLAGS, `--user-data-dir=${tempDir('chromium')}`, '--window-size=1200,900'];
    this.process = spawn(path, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.process.setMaxListeners(0);
    this.input = this.process.stdio[3] as Writable;
    let text = '';
    (this.process.stdio[4] as Readable).on('data', (chunk: Buffer) => {
      const parts = (text + chunk.toString('utf8')).split('\0');
      text = parts.pop() ?? '';
      for (const part of parts) this.receive(JSON.parse(part) as Reply);
    });
  }

  static async open(path: string): Promise<Browser> {
    const browser = new Browser(path);
    const made = await browser.send('Target.createTarget', { url: 'about:blank' });
    const attached = await browser.send('Target.attachToTarget', {
      targetId: made['targetId'],
      flatten: true,
    });
    browser.session = String(attached['sessionId']);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) {
      await browser.send(`${domain}.enable`, {});
    }
    return browser;
  }

  async goto(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    while ((await this.evaluate('document.readyState')) !== 'complete') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    const result = reply['result'] as { value?: unknown; description?: string };
    if (reply['exceptionDetails'] !== undefined) throw new Error(result.description ?? expression);
    return result.value;
  }

  /** `prefers-color-scheme`, or paper. */
  async emulate(media: 'screen' | 'print', scheme: 'light' | 'dark'): Promise<void> {
    await this.send('Emulation.setEmulatedMedia', {
      media,
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
  }

  async resize(width: number): Promise<void> {
    const size = { width, height: 900, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', size);
  }

  async withoutScripts(off: boolean): Promise<void> {
    await this.send('Emulation.setScriptExecutionDisabled', { value: off });
  }

  /** PNG of the whole page. */
  async screenshot(): Promise<Buffer> {
    const options = { format: 'png', captureBeyondViewport: true };
    const reply = await this.send('Page.captureScreenshot', options);
    return Buffer.from(String(reply['data']), 'base64');
  }

  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : undefined;
    for (const type of ['keyDown', 'keyUp']) {
      await this.send('Input.dispatchKeyEvent', { type, key, code: key, text, ...CODES[key] });
    }
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await gone;
  }

  private async send(method: string, params: object): Promise<Record<string, unknown>> {
    const id = ++this.last;
    const answered = new Promise<Reply>((resolve, reject) => {
      this.waiting.set(id, resolve);
      this.process.once('exit', () => reject(new Error(`chromium ended during ${method}`)));
    });
    const frame = { id, method, params, ...(this.session && { sessionId: this.session }) };
    this.input.write(`${JSON.stringify(frame)}\0`);
    const reply = await answered;
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result ?? {};
  }

  private receive(reply: Reply): void {
    if (reply.id !== undefined) {
      this.waiting.get(reply.id)?.(reply);
      this.waiting.delete(reply.id);
      return;
    }
    const { method, params = {} } = reply;
    if (method === 'Network.requestWillBeSent') {
      this.requests.push((params['request'] as { url: string }).url);
    }
    if (method === 'Log.entryAdded') {
      this.complaints.push((params['entry'] as { text: string }).text);
    }
    if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params));
  }
}

const CODES: Readonly<Record<string, { windowsVirtualKeyCode: number }>> = {
  Tab: { windowsVirtualKeyCode: 9 },
  Enter: { windowsVirtualKeyCode: 13 },
};
