package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"burnline/internal/harness"
)

// childEnv makes this test binary behave as burnline itself, so that tests
// start, kill and restart the real program without building it again.
const childEnv = "BURNLINE_TEST_CHILD"

// atOnce is how many tests run at once whatever the number of cores: most of the time they wait for seconds to pass.
const atOnce = "4"

func TestMain(m *testing.M) {
	syscall.Umask(0o022) // as most machines have it: what nobody protects, everybody reads
	if os.Getenv(childEnv) != "" {
		main()
		return
	}
	if err := flag.Set("test.parallel", atOnce); err != nil { // -parallel on the command line comes after it
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(m, map[string]func(){"burnline": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"fetch": fetch, "byhand": byHand},
		// Scripts that run a server have addresses for it.
		Setup: func(env *testscript.Env) error {
			examples, err := filepath.Abs("../../examples")
			if err != nil {
				return err
			}
			env.Setenv("EXAMPLES", examples)
			withGrafana(env)
			for _, name := range []string{"WEB", "GRPC", "HTTP"} {
				address, err := harness.FreeAddress(t.Context())
				if err != nil {
					return err
				}
				env.Setenv(name, address)
			}
			return nil
		},
	})
}
