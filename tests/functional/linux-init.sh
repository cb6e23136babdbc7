#!/bin/busybox sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# First process of the guests of linux.py: prints what the kernel found, a line each, then ends as a
# word of the kernel command line says: reboot, crash, shell (on the serial line), hold (put every CPU
# that is there online and tell which are, four times a second); power off without one.
B=/bin/busybox
for what in dev:devtmpfs proc:proc sys:sysfs; do
    $B mkdir -p /${what%:*}
    $B mount -t ${what#*:} none /${what%:*} 2>/dev/null
done
cpus=/sys/devices/system/cpu
echo "USERSPACE-REACHED"
echo "FACT cpus $($B grep -c ^processor /proc/cpuinfo)"
echo "FACT model $($B awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)"
echo "FACT online $($B cat $cpus/online)"
echo "FACT memory $($B awk '/MemTotal/ { print $2 }' /proc/meminfo)"
echo "FACT clock $($B cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
# "CPU package core siblings cores", one line for each CPU
$B awk -F': ' '/^processor/ { cpu = $2 } /^physical id/ { package = $2 } /^siblings/ { siblings = $2 }
    /^core id/ { core = $2 } /^cpu cores/ { print "TOPO", cpu, package, core, siblings, $2 }' /proc/cpuinfo
for node in /sys/devices/system/node/node[0-9]*; do
    echo "NODE ${node##*node} $($B cat $node/cpulist)" \
        "$($B awk '/MemTotal/ { print $4 }' $node/meminfo) $($B cat $node/distance)"
done
$B awk '/ttyS0|LOC:|timer|rtc0|acpi/ { print "IRQ", $0 }' /proc/interrupts
$B dmesg -r | $B grep -E '^<[0-4]>' | $B sed 's/^/LOG /'
$B dmesg | $B grep -iE 'warning|firmware bug|acpi.* error|acpi bios' | $B sed 's/^/BAD /'
echo "FACTS-END"
end=poweroff
for word in $($B cat /proc/cmdline); do
    case $word in hold|reboot|crash|shell) end=$word ;; esac
done
case $end in
    hold)
        while true; do
            for cpu in $cpus/cpu[0-9]*/online; do
                case $($B cat $cpu) in 0) echo 1 > $cpu ;; esac
            done 2>/dev/null
            echo "ONLINE $($B cat $cpus/online)"
            $B usleep 250000
        done ;;
    crash)
        $B insmod /pvpanic.ko
        $B insmod /pvpanic-mmio.ko
        echo c > /proc/sysrq-trigger ;;
    shell)
        $B setsid $B cttyhack $B sh
        end=poweroff ;;
esac
$B $end -f
