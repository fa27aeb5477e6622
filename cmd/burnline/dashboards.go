package main

import "github.com/spf13/cobra"

func dashboardsCommand() *cobra.Command { return &cobra.Command{Use: "dashboards"} }
