# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2154 # variables from and for kit.sh
# Somebody who may not use the camera is told which group may, and after joining it can.
. /vm/kit.sh
vivid_webcam
chown root:video /dev/video0
chmod 660 /dev/video0
as_till() { su -s /bin/sh nobody -c "PATH=$PATH; cd /tmp; $*"; }
chmod 777 /tmp

as_till "countersign-scanner --print --frames 2 /dev/video0" >out 2>err
is "$?" 3 "not in the group: status 3"
is "$(cat err)" "countersign-scanner: /dev/video0: this user may not use the camera; it must be in the group \
video (and log in again)" "not in the group: the group is named"
is "$(wc -c <out)" 0 "not in the group: nothing is read"
as_till "countersign devices --json" >list
is "$?" 1 "not in the group: none can be used"
like "$(cat list)" '*"/dev/video0"*"state":"forbidden","why":"*in the group video*' "not in the group: the list says so"

# The terminal waits for it like for a plug.
cp /world/terminal.conf till.conf
chown nobody till.conf
mkfifo commands
as_till "exec countersign --config till.conf --source /dev/video0 --headless --json" <commands >events 2>words &
terminal=$!
exec 5>commands
sees events '"event":"scanner".*in the group video' "the terminal: the group is named"
stays kill -0 $terminal
is "$(grep -c 'in the group video' events)" 1 "the terminal: said once"
chmod 666 /dev/video0 # as a rule of udev may do
sees events '"event":"scanner".*"running"' "the terminal: allowed, it goes on by itself"
kill "$(pidof countersign)"
wait $terminal
chmod 660 /dev/video0
cat events words >&2

sed 's/^video:.*/&nobody/' /etc/group >group && cat group >/etc/group
as_till "countersign-scanner --print --frames 2 /dev/video0" >out 2>err
like "$(cat out)" '{"frames":2,*' "in the group: frames come"
is "$(cat err)" "" "in the group: without a word"
done_testing
