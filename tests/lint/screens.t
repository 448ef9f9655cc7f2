#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The screens in the documentation are those of the program.
cd "$(dirname "$0")/../.." || exit 1
echo 1..2
if perl tests/lib/screens_doc.pl | diff - docs/screens.md >/dev/null; then
	echo "ok 1 - docs/screens.md shows the recorded screens"
else
	echo "not ok 1 - docs/screens.md shows the recorded screens (make screens)"
fi
if perl tests/lib/screens_doc.pl | sed 's/24.90/24.91/' | diff - docs/screens.md >/dev/null; then
	echo "not ok 2 - a difference is noticed"
else
	echo "ok 2 - a difference is noticed"
fi
