package main

import (
	"depickle/convert"
	"depickle/scan/policy"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version and the policy's digest",
		Example: "  depickle version",
		Args:    cobra.NoArgs,
		Run: func(*cobra.Command, []string) {
			a.say("depickle %s", convert.Version)
			a.say("policy sha256 %s", policy.Digest())
		},
	}
}
