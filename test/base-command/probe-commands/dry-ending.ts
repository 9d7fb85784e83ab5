import Ending from './ending.js';

export default class DryEnding extends Ending {
  static override exitOrder = 'dryRun' as const;
}
