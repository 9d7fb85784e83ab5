import { Args, Command, Flags, loadHelpClass } from '@oclif/core';

/** oclif's help as a command of our own: a plugin would cost its load at every start. */
export default class Help extends Command {
  static override summary = 'Show help for ekv or one of its commands.';
  static override description = 'The same as --help behind a command.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> cold-start-dryrun',
    '<%= config.bin %> <%= command.id %> exit-codes',
  ];
  static override strict = false;

  static override args = {
    // oclif would read a missing argument from standard input.
    command: Args.string({ description: 'The command, in one or two words.', ignoreStdin: true }),
  };
  static override flags = {
    'nested-commands': Flags.boolean({ char: 'n', summary: 'Show the commands of every topic.' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Help);
    const HelpClass = await loadHelpClass(this.config);
    const help = new HelpClass(this.config, { all: flags['nested-commands'] });
    await help.showHelp(argv.map(String));
  }
}
