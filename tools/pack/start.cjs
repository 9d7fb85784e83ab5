#!/usr/bin/env node
'use strict';
/*
 * bin/ekv of a packed program: runs lib/ekv.js. Compiling it is half of what a short command takes, so
 * its compiled form lies beside it, from the Node that packed it; V8 of any other Node refuses that
 * and compiles. It would run a damaged one, though, so that is checked here. Nothing is ever written.
 */
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const { constants, Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const root = dirname(__dirname);
const filename = join(root, 'lib', 'ekv.js');

/** Bytecode, then its CRC-32 in four bytes. */
function compiledForm(path) {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const end = Math.max(0, bytes.length - 4);
  const bytecode = bytes.subarray(0, end);
  return end > 0 && crc32(bytecode) === bytes.readUInt32BE(end) ? bytecode : undefined;
}

const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  {
    filename,
    cachedData: compiledForm(`${filename}c`),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  },
);
// Registered before it runs: the files that oclif loads commands from ask for it by its path.
const bundle = new Module(filename, module);
bundle.filename = filename;
require.cache[filename] = bundle;
const load = script.runInThisContext();
load(bundle.exports, Module.createRequire(filename), bundle, filename, dirname(filename));
bundle.loaded = true;

/** For tools/pack, which lets it run and then asks it for its compiled form. */
module.exports = script;
bundle.exports.main(root);
