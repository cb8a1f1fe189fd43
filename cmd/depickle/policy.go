package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"depickle/scan/policy"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"
)

// policyFile is a policy as it is written: YAML, without fields that are not
// here.
type policyFile struct {
	Version int          `yaml:"version"`
	Allow   []policyRule `yaml:"allow"`
	Deny    []policyRule `yaml:"deny"`
	Pins    []policyPin  `yaml:"pins"`
}

type policyRule struct {
	Global  string `yaml:"global"` // module.name
	Module  string `yaml:"module"` // of a name with dots
	Reason  string `yaml:"reason"`
	Expires string `yaml:"expires"` // YYYY-MM-DD, the last day that it holds
}

type policyPin struct {
	SHA256  string `yaml:"sha256"`
	Reason  string `yaml:"reason"`
	Expires string `yaml:"expires"`
}

// maxPolicy is the largest policy file, in bytes.
const maxPolicy = 4 << 20

// readPolicy reads a policy file. What has expired does not count, and is
// named.
func (a *app) readPolicy(path string, now time.Time) (*policy.Policy, *policyFile, error) {
	if path == "" {
		return nil, &policyFile{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPolicy+1))
	if err != nil {
		return nil, nil, err
	}
	if len(data) > maxPolicy {
		return nil, nil, fmt.Errorf("%s: a policy of more than %d bytes", path, maxPolicy)
	}
	file := &policyFile{}
	if err := yaml.Load(data, file, yaml.WithKnownFields()); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	p, err := a.policyOf(file, now)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, file, nil
}

func (a *app) policyOf(file *policyFile, now time.Time) (*policy.Policy, error) {
	if file.Version != 1 {
		return nil, errors.New("its version is not 1")
	}
	var entries []policy.Entry
	for i, r := range slices.Concat(file.Allow, file.Deny) {
		holds, err := a.holds(r.Global, r.Reason, r.Expires, now)
		if err != nil {
			return nil, err
		}
		g, err := r.global()
		if err != nil {
			return nil, err
		}
		if holds {
			entries = append(entries, policy.Entry{Global: g, Allow: i < len(file.Allow), Reason: r.Reason})
		}
	}
	var pins []policy.Pin
	for _, p := range file.Pins {
		holds, err := a.holds(p.SHA256, p.Reason, p.Expires, now)
		if err != nil {
			return nil, err
		}
		if holds {
			pins = append(pins, policy.Pin{SHA256: p.SHA256, Reason: p.Reason})
		}
	}
	return policy.New(entries, pins)
}

// global finds module and name: the last dot parts them, unless the module is
// given.
func (r *policyRule) global() (policy.Global, error) {
	module, name := r.Module, ""
	switch i := strings.LastIndexByte(r.Global, '.'); {
	case module != "":
		name, _ = strings.CutPrefix(r.Global, module+".")
		if name == r.Global {
			return policy.Global{}, fmt.Errorf("%q does not begin with its module, %q", r.Global, module)
		}
	case i <= 0 || i == len(r.Global)-1:
		return policy.Global{}, fmt.Errorf("%q is no module.name", r.Global)
	default:
		module, name = r.Global[:i], r.Global[i+1:]
	}
	if strings.ContainsAny(r.Global, "* \t\n") {
		return policy.Global{}, fmt.Errorf("%q: globals are named exactly, without wildcards", r.Global)
	}
	return policy.Global{Module: module, Name: name}, nil
}

// holds reports whether an entry counts today. Each needs a reason: whoever
// reads the policy later must know why.
func (a *app) holds(what, reason, expires string, now time.Time) (bool, error) {
	if strings.TrimSpace(reason) == "" {
		return false, fmt.Errorf("%q has no reason", what)
	}
	if expires == "" {
		return true, nil
	}
	day, err := time.Parse(time.DateOnly, expires)
	if err != nil {
		return false, fmt.Errorf("%q expires on %q, which is no date like 2030-12-31", what, expires)
	}
	if now.Before(day.AddDate(0, 0, 1)) {
		return true, nil
	}
	a.complain("policy: the entry for %s expired on %s and does not count", what, expires)
	return false, nil
}

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Show what a scan decides by",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.policyShowCommand())
	return c
}

func (a *app) policyShowCommand() *cobra.Command {
	var path string
	var all bool
	c := &cobra.Command{
		Use:   "show [--policy FILE] [--all]",
		Short: "Print the policy that is in force, and its digest",
		Long: `show prints the digest of the policy that scan decides by, what a policy file adds to
the tables, and how many globals they have; --all lists them.

A policy file is YAML:

  version: 1
  allow:                    # globals that are in no table
    - global: our.models.Net
      reason: our own class, see the review of 2026-11
      expires: 2027-11-30   # the last day that it holds; optional
  deny:
    - global: torch.nn.modules.rnn.LSTM
      reason: we do not take recurrent models
  pins:                     # files that were reviewed
    - sha256: 0f0258d55a036ecf4844aef5b8dffc9cf165f9c1928e2e0d2b4360e37f02b8cc
      reason: the getattr in it is harmless

What the tables call dangerous cannot be allowed: pin the file. A pin waives severity,
never that a file must be read whole.`,
		Example: "  depickle policy show --policy policy.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, file, err := a.readPolicy(path, time.Now())
			if err != nil {
				return err
			}
			a.showPolicy(p, file, all)
			return nil
		},
	}
	c.Flags().StringVar(&path, "policy", "", "a policy `FILE`")
	c.Flags().BoolVar(&all, "all", false, "list the tables too")
	return c
}

func (a *app) showPolicy(p *policy.Policy, file *policyFile, all bool) {
	a.say("policy sha256 %s", p.Digest())
	until := func(day string) string {
		if day == "" {
			return ""
		}
		return ", until " + day
	}
	for _, r := range file.Allow {
		a.say("  allow      %s (%s%s)", r.Global, r.Reason, until(r.Expires))
	}
	for _, r := range file.Deny {
		a.say("  deny       %s (%s%s)", r.Global, r.Reason, until(r.Expires))
	}
	for _, r := range file.Pins {
		a.say("  pin        %s (%s%s)", r.SHA256, r.Reason, until(r.Expires))
	}
	count := map[policy.Tier]int{}
	for _, row := range policy.Tables() {
		count[row.Tier]++
		if !all {
			continue
		}
		if row.Reason != "" {
			a.say("  %-10s %s, which %s", row.Tier, row.Name, row.Reason)
		} else {
			a.say("  %-10s %s", row.Tier, row.Name)
		}
	}
	a.say("the tables have %d globals of tensors, %d of data, %d dangerous ones and modules", count[policy.Tensor], count[policy.Data], count[policy.Dangerous])
}
