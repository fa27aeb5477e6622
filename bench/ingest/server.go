package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server says how to start one of the two.
type server struct {
	name string
	// command returns the command line, the OTLP URL and the readiness URL for
	// a data folder. It may write files into the folder.
	command func(dir string, ports []int) (cmd *exec.Cmd, otlp, ready string, err error)
}

// burnline is the real binary with its embedded defaults.
func burnline(path string) server {
	return server{name: "burnline", command: func(dir string, ports []int) (*exec.Cmd, string, string, error) {
		cmd := exec.Command(path, "serve", "--data", filepath.Join(dir, "data"),
			"--listen", addr(ports[0]), "--otlp-http", addr(ports[1]), "--otlp-grpc", addr(ports[2]))
		return cmd, "http://" + addr(ports[1]) + "/v1/metrics", "http://" + addr(ports[0]) + "/-/ready", nil
	}}
}

// prometheusConfig gives Prometheus the out-of-order window and the labels
// that Burnline has by default, so that both store the same.
const prometheusConfig = `
storage: {tsdb: {out_of_order_time_window: 1d}}
otlp: {promote_resource_attributes: [service.name, service.namespace, service.version, deployment.environment.name, deployment.environment, cloud.region, cloud.availability_zone, k8s.cluster.name, k8s.namespace.name]}
`

// prometheus is the real binary with its OTLP receiver and exemplars on.
func prometheus(path string) server {
	return server{name: "prometheus", command: func(dir string, ports []int) (*exec.Cmd, string, string, error) {
		config := filepath.Join(dir, "prometheus.yml")
		if err := os.WriteFile(config, []byte(prometheusConfig), 0o600); err != nil {
			return nil, "", "", err
		}
		cmd := exec.Command(path, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
			"--web.listen-address="+addr(ports[0]), "--web.enable-otlp-receiver", "--enable-feature=exemplar-storage", "--log.level=warn")
		base := "http://" + addr(ports[0])
		return cmd, base + "/api/v1/otlp/v1/metrics", base + "/-/ready", nil
	}}
}

// process is a server that runs.
type process struct {
	cmd    *exec.Cmd
	exited chan error
	output *bytes.Buffer
	// otlp is the URL that takes metrics.
	otlp string
}

// start starts the server on an empty folder and waits until it is ready.
func (s server) start(ctx context.Context, dir string) (*process, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	cmd, otlp, ready, err := s.command(dir, ports)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, otlp: otlp, exited: make(chan error, 1), output: &bytes.Buffer{}}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, p.output, p.output
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.exited <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); !answers(ctx, ready); {
		select {
		case err := <-p.exited:
			return nil, fmt.Errorf("it ended at once (%w):\n%s", err, p.output)
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("it is not ready after 30 s:\n%s", p.output), p.stop())
		case <-tick.C:
		}
	}
	return p, nil
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the process, in time or by force.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.exited:
		return err
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("it did not stop within 30 s"), p.cmd.Process.Kill())
	}
}

func addr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePorts returns ports that were free a moment ago.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// clockTick is the unit of CPU times in /proc: USER_HZ, 100 a second on Linux.
const clockTick = 10 * time.Millisecond

// cpu returns the CPU time that a process has used, in user and kernel mode.
func cpu(pid int) (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
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

// peakMemory returns the greatest resident set so far, in bytes.
func peakMemory(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("read /proc/<pid>/status: no VmHWM")
}
