#!/usr/bin/env node
import { createRequire } from 'node:module';

// What bin/setup.mjs has laid out: the same program as in the tarball.
createRequire(import.meta.url)('../build/program/bin/ekv');
