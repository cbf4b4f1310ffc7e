#!/bin/sh
# The command line inside the image, where nothing is left to install.
exec node /app/packages/cli/src/main.ts "$@"
