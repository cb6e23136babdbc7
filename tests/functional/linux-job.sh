# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the jobs of linux.py, which run inside of the rig. Each boot prints, between BOOT NAME
# and END NAME STATUS, what its guest said on the serial line; FIRST and USER are seconds from the
# start of the emulator to the first line and to user space, by the rig's clock.
ACCELVM="accelvm -accel kvm -nodefaults -no-user-config -display none -no-reboot"
QEMU="qemu-system-x86_64 -accel kvm -nodefaults -no-user-config -display none -no-reboot"
MEMORY="-m 512 -initrd /linux.cpio"

now() { cut -d' ' -f1 /proc/uptime; }

# boot NAME SECONDS COMMAND...: run a guest to its end; the command's -serial goes to stdout
boot() {
    name=$1 limit=$2
    shift 2
    echo "BOOT $name"
    begin=$(now)
    { timeout $limit "$@" -serial stdio 2>/tmp/stderr; echo "STATUS $?"; } | while read -r line; do
        case $line in
            USERSPACE-REACHED*) echo "USER $begin $(now)" ;;
        esac
        echo "$line"
    done
    sed 's/^/STDERR /' /tmp/stderr
    echo "END $name"
}

# say TEXT: a line to QMP; wait_for FILE PATTERN SECONDS: until a line matches, or give up
say() { echo "$1" >&3; }
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

# hotplug NAME BOARD: plug one CPU into a running guest over QMP, and take it out again
hotplug() {
    echo "BOOT $1"
    mkfifo /tmp/commands
    $ACCELVM -M $2 -smp 1,maxcpus=2 $MEMORY -kernel /bzImage -append "console=ttyS0 quiet hold" \
        -serial file:/tmp/serial -qmp tcp:127.0.0.1:4444,server=on,wait=off 2>/tmp/stderr &
    pid=$!
    usleep 500000
    nc 127.0.0.1 4444 < /tmp/commands > /tmp/answers &
    exec 3> /tmp/commands
    say '{"execute": "qmp_capabilities"}'
    wait_for /tmp/serial 'ONLINE 0$' 60 && echo "STEP booted"
    say '{"execute": "device_add", "arguments": {"driver": "qemu64-x86_64-cpu", "id": "more",
          "socket-id": '"$3"', "core-id": '"$4"', "thread-id": 0}}'
    wait_for /tmp/serial 'ONLINE 0-1' 60 && echo "STEP online"
    : > /tmp/serial
    say '{"execute": "device_del", "arguments": {"id": "more"}}'
    wait_for /tmp/answers 'DEVICE_DELETED.*more|more.*DEVICE_DELETED' 60 && echo "STEP deleted"
    wait_for /tmp/serial 'ONLINE 0$' 30 && echo "STEP offline"
    say '{"execute": "quit"}'
    wait $pid
    echo "STATUS $?"
    exec 3>&-
    sed 's/^/QMP /' /tmp/answers
    sed 's/^/STDERR /' /tmp/stderr
    echo "END $1"
}
