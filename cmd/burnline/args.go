package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// oneArgument takes one argument that says something; instead shows what to write. An empty
// one, such as of a variable that is not set, would find everything.
func oneArgument(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || strings.TrimSpace(args[0]) == "" {
			return fmt.Errorf("write one name: %s", instead)
		}
		return nil
	}
}

// someMatchers takes at least one matcher, and none that is empty.
func someMatchers(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 || slices.Contains(args, "") {
			return fmt.Errorf("say what it holds back: %s", instead)
		}
		return nil
	}
}

// noFile takes no argument: a file is named by --config.
func noFile(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return errors.New("name the file by --config " + args[0])
	}
	return nil
}
