import { Args, Flags, type Interfaces } from '@oclif/core';
import { BaseCommand, type Outcome } from '../base-command.js';
import { UsageError } from '../lib/core/errors.js';
import type { Finding } from '../lib/core/finding.js';
import { wiringOfEngine } from '../lib/engine/envelopes.js';
import { DEFAULT_GENERATION, GENERATIONS, type GenerationName } from '../lib/engine/generation.js';
import { readLandmarks } from '../lib/engine/landmarks.js';
import { dialectOf } from '../lib/proto/dialect.js';
import { closeSegments } from '../lib/raft/wal/open-segments.js';
import { listFrames } from '../lib/replay/raw-frames.js';
import { replayLog } from '../lib/replay/replay-log.js';
import { replayNode } from '../lib/replay/replay-node.js';
import { untilFindings } from '../lib/replay/until-index.js';
import { withNext } from '../lib/report/next-commands.js';
import { EntrySheet } from '../lib/report/views/entry-html.js';
import { bootReplayBody, logReplayBody } from '../lib/report/views/replay-html.js';
import { logReplayResult, nodeReplayResult } from '../lib/report/views/replay-result.js';
import { surveyText } from '../lib/report/views/replay-summary.js';
import { formatFlag, u64Flag } from '../shell/flags.js';
import {
  bootInputOf,
  encryptionOf,
  generationFlag,
  generationOf,
  commandContext,
  nodeDirOf,
  nodeFlags,
} from '../shell/node-flags.js';
import type { Page } from '../shell/page.js';
import { reportFlag, ReportFile } from '../shell/report-flag.js';
import { RawListing } from '../shell/raw-listing.js';
import { filterFlags, filterOf } from '../shell/replay-filter-flags.js';
import { ReplayListing } from '../shell/replay-listing.js';
import { logEnd, nodeEnd, rawEnd, typeWords } from '../shell/replay-page.js';
import {
  liveFindings,
  openFiles,
  segmentOf,
  walInputOf,
  walOfGroup,
  type WalFiles,
} from '../shell/wal-input.js';

export default class ReplayWal extends BaseCommand {
  static override summary = 'List every entry of a log with what a boot does to it.';
  static override description = [
    'With a data dir the boot is followed: which entries the snapshot covers, which are applied and',
    'what each request answers, which are dropped as duplicates, overwritten or not committed, and',
    'where the node stops. A wal/ directory or segment files alone are decoded; nothing is applied',
    'then. Nothing is ever written. Entries are streamed in the order of their indexes.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> <%= command.id %> --data-dir /var/lib/elastickv/n1',
    '<%= config.bin %> <%= command.id %> --data-dir n1 --from-index 83 --format ndjson',
    "<%= config.bin %> <%= command.id %> --data-dir n1 --key-prefix 'raw:user:' --type batch,single",
    '<%= config.bin %> <%= command.id %> --data-dir n1 --until-index 83 --store-digest --json',
    '<%= config.bin %> <%= command.id %> --raw n1/wal',
  ];

  static override args = {
    path: Args.string({
      description: 'A wal/ directory or segment files, where there is no data dir.',
      multiple: true,
    }),
  };

  static override flags = {
    'data-dir': Flags.string({
      summary: 'The node’s raft data dir, its <raftId> dir, or one group dir.',
      helpValue: 'DIR',
      helpGroup: 'NODE',
    }),
    ...nodeFlags,
    generation: generationFlag,
    format: formatFlag(),
    ...filterFlags,
    stats: Flags.boolean({ summary: 'Sums by type, disposition, phase and error; no list.' }),
    raw: Flags.boolean({
      summary: 'Frames instead of entries: offsets, lengths, CRCs, going on behind damage.',
    }),
    'until-index': u64Flag({ summary: 'Follow the boot up to this entry, it included.' }),
    'store-digest': Flags.boolean({
      summary: 'Digest of the store after the last entry (reads the whole store).',
    }),
    report: reportFlag,
  };

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(ReplayWal);
    if (flags.type === 'list') return typeWords();
    const input = walInputOf(flags['data-dir'], args.path ?? []);
    if (input.kind === 'data-dir') {
      this.inputs.push({ path: input.path, kind: input.kind });
      if (!flags.raw) return this.followBoot(input.path, flags);
      const node = nodeDirOf(input.path, flags);
      const { generation, findings } = generationOf(node, flags.generation);
      const told = [...node.findings, ...findings];
      return this.listRaw(walOfGroup(node.group.dir), flags, told, generation);
    }
    this.inputs.push(...input.paths.map((path) => ({ path, kind: input.kind })));
    const live = liveFindings(input, flags['allow-live']);
    return flags.raw ? this.listRaw(input, flags, live) : this.decodeLog(input, flags, live);
  }

  private async followBoot(path: string, flags: ReplayFlags): Promise<Outcome> {
    const node = nodeDirOf(path, flags);
    const report = ReportFile.plan(flags.report, [path]);
    const sheet = new EntrySheet();
    const listing = this.openListing(flags, report && sheet);
    const untilIndex = flags['until-index'];
    const { generation, findings: chosen } = generationOf(node, flags.generation);
    this.pace.phase(`following the boot (${generation})`);
    const input = {
      ...bootInputOf(node, flags, generation, listing.paced(this.pace)),
      wantDigest: flags['store-digest'],
      untilIndex,
    };
    const replay = await listing.whole(() =>
      replayNode(input, listing, (survey, segments) =>
        listing.open(surveyText(survey, segments), survey?.entries ?? 0),
      ),
    );
    const context = commandContext(path, node, flags, flags.generation, 'replay-wal');
    const until = untilIndex === undefined ? [] : untilFindings(replay.boot, untilIndex);
    const findings = withNext(
      [...node.findings, ...chosen, ...replay.findings, ...until, ...listing.findings],
      context,
    );
    const sums = nodeReplayResult(replay, listing.stats, listing.extent, flags['store-digest']);
    return {
      findings,
      grounds: replay.boot.verdict === 'inconclusive' ? [5] : [],
      result: { ...sums, entryList: listing.entryList },
      summary: sums,
      html: report
        ? {
            file: report,
            body: bootReplayBody(path, replay.boot, readLandmarks(node.group.dir), findings, sheet),
          }
        : undefined,
      text: (page) => nodeEnd(page, { replay, listing, findings }),
    };
  }

  private async decodeLog(
    input: WalFiles,
    flags: ReplayFlags,
    live: readonly Finding[],
  ): Promise<Outcome> {
    for (const name of ['until-index', 'store-digest'] as const) {
      if (flags[name] === undefined || flags[name] === false) continue;
      throw new UsageError('usage-bad-flag', `--${name} needs a data dir: nothing is applied here`);
    }
    const report = ReportFile.plan(flags.report, input.kind === 'wal-dir' ? input.paths : []);
    const sheet = new EntrySheet();
    const listing = this.openListing(flags, report && sheet);
    const segments = openFiles(input.files);
    const fileOf = shownNames(input);
    this.pace.phase('reading the log');
    try {
      const log = {
        segments,
        // Segments by themselves do not show which build wrote them.
        dialect: dialectOf(GENERATIONS[flags.generation ?? DEFAULT_GENERATION].etcd),
        opener: { envelopes: wiringOfEngine(encryptionOf(flags)) },
        fileOf,
        pace: listing.paced(this.pace),
      };
      const replay = await listing.whole(() =>
        replayLog(log, listing, (survey) =>
          listing.open(surveyText(survey, segments.length), survey.entries),
        ),
      );
      const { stats, extent } = listing;
      const sums = logReplayResult(replay, stats, extent, segments.length, fileOf);
      const findings = [...live, ...replay.findings, ...listing.findings];
      return {
        findings,
        result: { ...sums, entryList: listing.entryList },
        summary: sums,
        html: report
          ? { file: report, body: logReplayBody(input.paths, findings, sheet) }
          : undefined,
        text: (page) => logEnd(page, { replay, segments: segments.length, listing, findings }),
      };
    } finally {
      closeSegments(segments);
    }
  }

  private async listRaw(
    input: WalFiles,
    flags: ReplayFlags,
    told: readonly Finding[],
    generation: GenerationName = flags.generation ?? DEFAULT_GENERATION,
  ): Promise<Outcome> {
    refuseWithRaw(flags);
    const listing = new RawListing({
      form: this.mode,
      limit: flags.limit ?? Number.POSITIVE_INFINITY,
      fromIndex: flags['from-index'],
      toIndex: flags['to-index'],
      fileOf: shownNames(input),
      write: this.writer(),
    });
    const segments = openFiles(input.files);
    this.pace.phase('walking the frames');
    try {
      const dialect = dialectOf(GENERATIONS[generation].etcd);
      await listFrames(segments, dialect, listing, listing.paced(this.pace));
      await listing.flush();
    } finally {
      closeSegments(segments);
    }
    const { frames, damaged, shown } = listing;
    const findings = [...told, ...listing.findings];
    const sums = { frames, damaged, shown, segments: listing.segments };
    return {
      findings,
      result: sums,
      summary: sums,
      text: (page) => rawEnd(page, listing, findings),
    };
  }

  private openListing(flags: ReplayFlags, sheet: EntrySheet | null = null): ReplayListing {
    return new ReplayListing({
      filter: filterOf(flags),
      allowEmpty: flags['allow-empty'],
      form: flags.stats ? 'none' : this.mode,
      valueBytes: flags.values ?? null,
      sheet,
      write: this.writer(),
      writeBytes: (lines) => this.recordBytes(lines),
    });
  }

  /** Writes lines of a listing while the work goes on. */
  private writer(): (rendered: readonly string[]) => void | Promise<void> {
    if (this.mode !== 'text') {
      return async (rendered) => {
        for (const line of rendered) {
          const wait = this.recordLines(line);
          if (wait) await wait;
        }
      };
    }
    let page: Page | undefined;
    return async (rendered) => {
      if (rendered.length === 0) return;
      page ??= await this.openPage();
      await page.lines(rendered);
    };
  }
}

type ReplayFlags = Interfaces.InferredFlags<typeof ReplayWal.flags>;

/** What is asked of entries says nothing of frames. */
function refuseWithRaw(flags: ReplayFlags): void {
  const given = [
    ...(
      ['type', 'key-prefix', 'since', 'until', 'values', 'until-index', 'report'] as const
    ).filter((name) => flags[name] !== undefined),
    ...(['stats', 'store-digest'] as const).filter((name) => flags[name]),
  ];
  const [first] = given;
  if (first === undefined) return;
  throw new UsageError('usage-bad-flag', `--${first} is about entries: it does not go with --raw`);
}

/** Relative to the input: names in a directory, files as they were typed. */
function shownNames({ kind, folder, files }: WalFiles): (segment: string) => string {
  if (kind === 'wal-dir') return (segment) => folder + segment;
  const byName = new Map(files.map((path) => [segmentOf(path), path]));
  return (segment) => byName.get(segment) ?? segment;
}
