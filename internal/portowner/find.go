package portowner

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Process is a process that listens on a port.
type Process struct {
	PID int
	// Name is the short name of the process, as ps shows it.
	Name string
}

// String writes the process as "name (pid 123)".
func (p Process) String() string { return fmt.Sprintf("%s (pid %d)", p.Name, p.PID) }

// listening is the state of a listening socket in /proc/net/tcp.
const listening = "0A"

// Find returns the process that listens on the TCP port, from the proc file
// system mounted at proc. It finds nothing, and returns false, on systems
// without one and for processes whose open files may not be read.
func Find(proc string, port int) (Process, bool) {
	inodes := map[string]bool{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		addListening(inodes, filepath.Join(proc, table), port)
	}
	if len(inodes) == 0 {
		return Process{}, false
	}
	links, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "[0-9]*"))
	if err != nil {
		return Process{}, false
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !inodes[target] {
			continue
		}
		dir := filepath.Dir(filepath.Dir(link))
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		return Process{PID: pid, Name: name(dir)}, true
	}
	return Process{}, false
}

// addListening adds the sockets of a table that listen on the port, named as
// the links in /proc/<pid>/fd name them.
func addListening(inodes map[string]bool, table string, port int) {
	f, err := os.Open(table)
	if err != nil {
		return
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != listening {
			continue
		}
		_, hex, ok := strings.Cut(fields[1], ":")
		if !ok {
			continue
		}
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
			inodes["socket:["+fields[9]+"]"] = true
		}
	}
}

func name(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "comm"))
	if err != nil {
		return "a process"
	}
	return strings.TrimSpace(string(b))
}
