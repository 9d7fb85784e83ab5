/** What comes with the program: known, licensed, unchanged, and silent on installation. */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './support/fixtures.js';

interface Shipped {
  readonly path: string;
  readonly name: string;
  readonly licence: string;
  readonly integrity: string | undefined;
  readonly hasInstallScript: boolean;
}

interface SupplyChain {
  readonly ACCEPTED: readonly string[];
  shippedPackages(): readonly Shipped[];
  sbomText(): string;
  thirdPartyText(): string;
}

const REGISTRY = 'https://registry.npmjs.org/';

interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Readonly<
    Record<
      string,
      { readonly resolved?: string; readonly integrity?: string; readonly link?: boolean }
    >
  >;
}

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

describe('supply chain', () => {
  const lock = JSON.parse(read('package-lock.json')) as Lock;
  let chain: SupplyChain;

  before(async () => {
    const path = join(ROOT, 'tools', 'supply-chain.mjs');
    chain = (await import(pathToFileURL(path).href)) as SupplyChain;
  });

  it('the lock file pins every package by a digest, from the registry alone', () => {
    const broken = Object.entries(lock.packages).filter(([path, { integrity, resolved, link }]) => {
      if (path === '') return false;
      // Without `resolved` npm asks the registry it is set to; the digest is what counts.
      const isRegistry = resolved === undefined || resolved.startsWith(REGISTRY);
      return link === true || !isRegistry || integrity?.startsWith('sha512-') !== true;
    });
    expect(broken.map(([path]) => path)).to.deep.equal([]);
  });

  it('own dependencies are pinned to one version', () => {
    const own = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const ranges = ['dependencies', 'devDependencies'].flatMap((key) =>
      Object.entries(own[key] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    );
    expect(ranges).to.deep.equal([]);
  });

  it('nothing that is shipped runs a script on installation', () => {
    const scripted = chain.shippedPackages().filter(({ hasInstallScript }) => hasInstallScript);
    expect(scripted.map(({ name }) => name)).to.deep.equal([]);
  });

  it('no source of ours can reach a network or start another program', () => {
    const reaches =
      /'node:(?:net|http|https|http2|tls|dns|dgram|child_process|cluster|inspector)|(?:await|return|=)\s+fetch\(|\bWebSocket\b/;
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
    const paths = sources
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(paths.filter((path) => reaches.test(readFileSync(path, 'utf8')))).to.deep.equal([]);
    expect(paths.length).to.be.above(200);
  });

  it('everything that is shipped has a licence we accept', () => {
    const strange = chain
      .shippedPackages()
      .filter(({ licence }) => !chain.ACCEPTED.includes(licence));
    expect(strange.map(({ name, licence }) => `${name}: ${licence}`)).to.deep.equal([]);
    expect(chain.shippedPackages().length).to.be.above(10);
  });

  it('THIRD_PARTY.md and sbom.cdx.json are fresh (npm run supply-chain)', () => {
    expect(read('THIRD_PARTY.md')).to.equal(chain.thirdPartyText());
    expect(read('sbom.cdx.json')).to.equal(chain.sbomText());
  });

  it('the SBOM names every shipped package with its digest', () => {
    const bom = JSON.parse(read('sbom.cdx.json')) as {
      readonly bomFormat: string;
      readonly components: readonly { name: string; hashes: readonly { content: string }[] }[];
    };
    expect(bom.bomFormat).to.equal('CycloneDX');
    const named = new Set(bom.components.map(({ name }) => name));
    expect(chain.shippedPackages().filter(({ name }) => !named.has(name))).to.deep.equal([]);
    expect(bom.components.filter(({ hashes }) => hashes[0]?.content.length !== 128)).to.deep.equal(
      [],
    );
  });
});
