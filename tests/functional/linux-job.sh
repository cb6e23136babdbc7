# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the jobs of linux.py, which run inside of the rig. Each boot prints, between BOOT NAME
# and END NAME, what its guest said on the serial line and STATUS; USER is two times by the rig's
# clock: of the emulator's start and of the guest's user space.
ACCELVM="accelvm -accel kvm -nodefaults -no-user-config -display none -no-reboot"
QEMU="qemu-system-x86_64 -accel kvm -nodefaults -no-user-config -display none -no-reboot"
MEMORY="-m 512 -initrd /linux.cpio"

trap '' PIPE     # a guest that ended early must not end the job
now() { cut -d' ' -f1 /proc/uptime; }

# boot NAME SECONDS COMMAND...: run a guest to its end; the command's -serial goes to stdout
boot() {
    name=$1 limit=$2
    shift 2
    echo "BOOT $name"
    begin=$(now)
    { timeout -s KILL $limit "$@" -serial stdio 2>/tmp/stderr; echo "STATUS $?"; } | while read -r line; do
        case $line in
            USERSPACE-REACHED*) echo "USER $begin $(now)" ;;
        esac
        echo "$line"
    done
    sed 's/^/STDERR /' /tmp/stderr
    echo "END $name"
}

# wait_for FILE PATTERN SECONDS: until a line matches, or give up
wait_for() {
    tries=$(($3 * 10))
    while [ $tries -gt 0 ]; do
        grep -qE "$2" "$1" && return 0
        tries=$((tries - 1))
        usleep 100000
    done
    echo "TIMEOUT waiting for $2"
    return 1
}

# boot_until NAME SECONDS PATTERN COUNT COMMAND...: run a guest until it has said so often enough
boot_until() {
    name=$1 limit=$2 pattern=$3 count=$4
    shift 4
    echo "BOOT $name"
    "$@" -serial file:/tmp/serial 2>/tmp/stderr &
    pid=$!
    tries=$((limit * 4))
    while [ $tries -gt 0 ] && kill -0 $pid 2>/dev/null; do
        [ "$(grep -acE "$pattern" /tmp/serial 2>/dev/null)" -ge $count ] && break
        tries=$((tries - 1))
        usleep 250000
    done 2>/dev/null
    kill $pid
    wait $pid
    echo "STATUS $?"
    cat /tmp/serial
    echo
    sed 's/^/STDERR /' /tmp/stderr
    echo "END $name"
}

say() { echo "$1" >&3; }

# hotplug NAME BOARD SOCKET CORE: plug one CPU into a running guest over QMP, and take it out again
hotplug() {
    echo "BOOT $1"
    mkfifo /tmp/commands
    $ACCELVM -M $2 -smp 1,maxcpus=$(($4 + 1)) $MEMORY -kernel /bzImage -append "console=ttyS0 quiet hold" \
        -serial file:/tmp/serial -qmp tcp:127.0.0.1:4444,server=on,wait=off 2>/tmp/stderr &
    pid=$!
    usleep 500000
    nc 127.0.0.1 4444 < /tmp/commands > /tmp/answers &
    exec 3> /tmp/commands
    say '{"execute": "qmp_capabilities"}'
    wait_for /tmp/serial 'ONLINE 0[^-]$' 60 && echo "STEP booted"
    say '{"execute": "device_add", "arguments": {"driver": "qemu64-x86_64-cpu", "id": "more",
          "socket-id": '"$3"', "core-id": '"$4"', "thread-id": 0}}'
    wait_for /tmp/serial 'ONLINE 0-1' 60 && echo "STEP online"
    : > /tmp/serial
    say '{"execute": "device_del", "arguments": {"id": "more"}}'
    wait_for /tmp/answers 'DEVICE_DELETED.*more|more.*DEVICE_DELETED' 60 && echo "STEP deleted"
    wait_for /tmp/serial 'ONLINE 0[^-]$' 30 && echo "STEP offline"
    say '{"execute": "quit"}'
    wait $pid
    echo "STATUS $?"
    exec 3>&-
    rm /tmp/commands
    sed 's/^/QMP /' /tmp/answers
    sed 's/^/STDERR /' /tmp/stderr
    echo "END $1"
}

# type_in TEXT PATTERN STEP: bytes to the console's terminal; the step is done when the answer comes
type_in() {
    printf "$1" >&3
    wait_for /tmp/screen "$2" 30 && echo "STEP $3"
}

# console NAME BOARD: -nographic on a terminal of its own is a console to work on
console() {
    echo "BOOT $1"
    echo "stty -g > /tmp/before
        accelvm -M $2 -smp 2 $MEMORY -kernel /bzImage -append 'console=ttyS0 quiet shell' -nographic
        echo \"left with \$?\"; stty -g > /tmp/after" > /tmp/session
    mkfifo /tmp/keys
    script -qc 'sh /tmp/session' /dev/null < /tmp/keys > /tmp/screen 2>&1 &
    pid=$!
    exec 3> /tmp/keys
    wait_for /tmp/screen 'FACTS-END' 90 && echo "STEP booted"
    type_in 'echo typed$((40 + 2))\r' 'typed42' shell
    type_in 'sleep 1000; echo stopped$?\r' 'sleep 1000' job
    usleep 500000
    type_in '\003' '\^C' ctrl-c
    type_in '\001h' 'C-a x    exit' keys
    type_in '\001cinfo status\r' 'VM status: running' monitor
    type_in '\001cecho back$((1 + 1))\r' 'back2' back
    type_in '\001x' 'left with 0' exit
    wait $pid
    exec 3>&-
    cmp -s /tmp/before /tmp/after && echo "STEP restored"
    sed 's/^/SCREEN /' /tmp/screen
    echo "END $1"
}

# first NAME COMMAND...: from the program's exec to the first entry into its guest, by the kernel's trace
first() {
    name=$1
    shift
    cd /sys/kernel/tracing || return
    echo 0 > tracing_on
    echo > trace
    echo 0 > options/overwrite
    echo 1 > events/sched/sched_process_exec/enable
    echo 1 > events/kvm/kvm_entry/enable
    echo 1 > tracing_on
    "$@" > /dev/null 2>&1 &
    pid=$!
    sleep 1   # looking takes the time of the only CPU
    wait_for trace kvm_entry 60
    kill $pid
    wait $pid 2>/dev/null
    echo 0 > tracing_on
    echo 0 > events/enable
    echo "BOOT $name"
    awk -v program="/usr/bin/$1" '
        match($0, / [0-9]+\.[0-9]+: /) { time = substr($0, RSTART + 1, RLENGTH - 3) }
        index($0, "filename=" program " ") { begin = time }
        / kvm_entry: / && begin { printf "FIRST %.6f\n", time - begin; exit }' trace
    echo "END $name"
    cd /
}
