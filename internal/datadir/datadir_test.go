package datadir_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"burnline/internal/datadir"
)

// holdEnv makes this test binary take the lock of a folder and hold it until
// its standard input ends.
const holdEnv = "DATADIR_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdEnv); dir != "" {
		os.Exit(hold(dir))
	}
	os.Exit(m.Run())
}

func hold(dir string) int {
	if _, err := datadir.Take(dir); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("held")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // ends with the test
	return 0
}

// holder starts another process that holds the folder.
func holder(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), holdEnv+"="+dir)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); said != "held\n" {
		t.Fatalf("the other process says %q (%v)", said, err)
	}
	return cmd
}

// refused takes a lock that can't be had and returns what is said.
func refused(t *testing.T, dir string) string {
	t.Helper()
	lock, err := datadir.Take(dir)
	if err == nil {
		t.Fatalf("%s was taken: %v", dir, lock.Release())
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
	return err.Error()
}

func TestAFolderThatAnotherProcessHoldsIsRefusedUntilItIsKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	other := holder(t, dir)
	want := fmt.Sprintf("another Burnline (pid %d) uses %s; stop it or choose another folder with --data", other.Process.Pid, dir)
	if got := refused(t, dir); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	lock, err := datadir.Take(dir)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if got, want := refused(t, dir), fmt.Sprintf("pid %d", os.Getpid()); !strings.Contains(got, want) {
		t.Errorf("said %q, want it to name %q and not the one that was killed", got, want)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if lock, err = datadir.Take(dir); err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}

// Whoever opened the file of a lock just before it was removed must not take it for the folder's.
func TestALockThatIsRemovedIsTakenByOneAtATime(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	var all sync.WaitGroup
	var held, most atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 200 {
				lock, err := datadir.Take(dir)
				if err != nil { // another one has it, or has removed it again and again
					continue
				}
				if n := held.Add(1); n > 1 {
					most.Store(n)
				}
				held.Add(-1)
				if err := lock.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > 1 {
		t.Errorf("%d had the folder at once", n)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("there is %v: %v", entries, err)
	}
}

func TestAHolderThatDidNotSignIsNotNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := datadir.Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Release() })
	for name, text := range map[string]string{"Prometheus leaves it empty": "", "a process that is gone": "4194305\n", "no number": "me\n"} {
		if err := os.WriteFile(filepath.Join(dir, datadir.LockName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, want := refused(t, dir), "another process uses "+dir; !strings.HasPrefix(got, want) {
			t.Errorf("%s: said %q, want %q", name, got, want)
		}
	}
}

func TestAFolderThatCanNotBeUsedIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// Nobody, not even root, makes a file in /proc/self/fdinfo.
	for dir, want := range map[string]string{
		file:                       "the data folder " + file + " can't be created: not a directory; choose another folder with --data",
		filepath.Join(file, "sub"): "can't be created: not a directory",
		"/proc/self/fdinfo":        "the data folder /proc/self/fdinfo is not writable: ",
	} {
		if got := refused(t, dir); !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	full := t.TempDir()
	if err := os.Mkdir(filepath.Join(full, datadir.LockName), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := refused(t, full); !strings.Contains(got, "is a directory") {
		t.Errorf("said %q, want the reason", got)
	}
}
