#!/usr/bin/env node
// The command stands here before anything is built, so that installing the workspace finds it.
import "../dist/cli.js";
