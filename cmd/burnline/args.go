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

// twoArguments takes two arguments that say something.
func twoArguments(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 2 || strings.TrimSpace(args[0]) == "" || args[1] == "" {
			return fmt.Errorf("write two arguments: %s", instead)
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

// ofItsCommands makes a command that only holds others print its help; of a name that none of
// them has it says so. Cobra itself would print the help and exit with 0, as if it were done.
func ofItsCommands(cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, cmd.CommandPath()+" "+c.Name())
		}
		return fmt.Errorf("there is no command %q: write %s", cmd.CommandPath()+" "+args[0], strings.Join(names, " or "))
	}
	return cmd
}

// someFiles takes at least one file; instead shows what to write.
func someFiles(instead string) cobra.PositionalArgs {
	return someArguments("name the files: " + instead)
}

// someArguments takes at least one argument; instead says what to write.
func someArguments(instead string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New(instead)
		}
		return nil
	}
}
