package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

var _ pflag.Value = (*choice)(nil)

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.allowed, "|") }

// Set implements pflag.Value.
func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("must be one of %s", strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}

// rootFlag is --root: auto, none or a JSON Pointer.
type rootFlag string

var _ pflag.Value = (*rootFlag)(nil)

func (r *rootFlag) String() string { return string(*r) }
func (r *rootFlag) Type() string   { return "auto|none|POINTER" }

// Set implements pflag.Value.
func (r *rootFlag) Set(s string) error {
	if s != "auto" && s != "none" && !strings.HasPrefix(s, "/") {
		return fmt.Errorf("must be auto, none or a JSON Pointer such as /state_dict")
	}
	*r = rootFlag(s)
	return nil
}

// sizeFlag is a number of bytes: 1500, 10MB, 2GiB.
type sizeFlag int64

var _ pflag.Value = (*sizeFlag)(nil)

func (z *sizeFlag) String() string {
	if *z == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*z), 10)
}
func (z *sizeFlag) Type() string { return "SIZE" }

var units = []struct {
	name  string
	bytes int64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1},
}

// Set implements pflag.Value.
func (z *sizeFlag) Set(s string) error {
	number, factor := s, int64(1)
	for _, u := range units {
		if len(s) > len(u.name) && strings.EqualFold(s[len(s)-len(u.name):], u.name) {
			number, factor = strings.TrimSpace(s[:len(s)-len(u.name)]), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > (1<<63-1)/factor {
		return fmt.Errorf("must be a size such as 500MB or 2GiB")
	}
	*z = sizeFlag(n * factor)
	return nil
}
