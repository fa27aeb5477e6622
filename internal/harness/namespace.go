package harness

import (
	"fmt"
	"os"
)

// Privately returns a command that runs a shell script and then a program in a mount namespace of its own, which ends
// with it: what the script mounts nobody else sees. Without root it takes a user namespace too. The process is that of the program.
func Privately(script string, command ...string) []string {
	unshare := []string{"unshare", "--mount"}
	if os.Getuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	return append(append(unshare, "--", "sh", "-c", script+` && exec "$@"`, "sh"), command...)
}

// Beside returns a command that runs a program in the namespaces of a process that Privately started.
func Beside(pid int, command ...string) []string {
	nsenter := []string{"nsenter", "--target", fmt.Sprint(pid), "--mount"}
	if os.Getuid() != 0 {
		nsenter = append(nsenter, "--user", "--preserve-credentials")
	}
	return append(append(nsenter, "--"), command...)
}
