#!/usr/bin/env bash
# Exits as depickle scan did, by DEPICKLE_EXIT. Without it nothing was scanned.
set -euo pipefail

code=${DEPICKLE_EXIT-}
case $code in
0) exit 0 ;;
1) echo "::error::depickle scan: suspicious or dangerous files" ;;
2) echo "::error::depickle scan: not every file could be read whole" ;;
*)
	echo "::error::depickle scan did not run to its end"
	code=2
	;;
esac
exit "$code"
