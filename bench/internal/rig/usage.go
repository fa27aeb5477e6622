package rig

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU times in /proc: USER_HZ, 100 a second on Linux.
const clockTick = 10 * time.Millisecond

// CPU returns the CPU time that a process has used, in user and kernel mode.
func CPU(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
	}
	return parseCPU(string(b))
}

func parseCPU(stat string) (time.Duration, error) {
	// The second field is the name in brackets and may have spaces.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("read /proc/<pid>/stat: %q", stat)
	}
	var total time.Duration
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(n) * clockTick
	}
	return total, nil
}

// RSS returns the resident memory of a process in bytes.
func RSS(pid int) (int64, error) { return status(pid, "VmRSS:") }

// Anonymous returns the resident memory of a process that it holds itself, in bytes: without
// the pages of mapped files, which are the kernel's cache and are given up where memory is short.
func Anonymous(pid int) (int64, error) { return status(pid, "RssAnon:") }

// PeakMemory returns the greatest resident memory so far, in bytes.
func PeakMemory(pid int) (int64, error) { return status(pid, "VmHWM:") }

// status reads one field, in KiB, of what Linux tells of a process.
func status(pid int, field string) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == field {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read memory of process %d: %w", pid, err)
			}
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("read memory of process %d: no %s", pid, field)
}
