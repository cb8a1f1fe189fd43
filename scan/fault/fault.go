// Package fault has the one error type of depickle's library.
//
// Every package reports what is wrong with its input as an [Error]: the
// [Kind] decides what a caller does about it, the other fields say where it
// is. Text that comes from a file is quoted and cut before it gets here, so an
// Error may be printed as it is: Member and Name, which are raw, are quoted by
// Error.Error. Errors of a reader, a disk or a context are no faults, and come
// as they are.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what a failure means for the file.
type Kind uint8

// The kinds of failure.
const (
	// Malformed: the bytes break the rules of their format.
	Malformed Kind = iota + 1
	// Unsupported: well formed, but not something depickle can convert.
	Unsupported
	// Refused: policy says no.
	Refused
	// Limit: a bound of limit.Limits was reached.
	Limit
	// Changed: the source changed while it was read.
	Changed
)

// String names the kind as messages show it.
func (k Kind) String() string {
	switch k {
	case Malformed:
		return "malformed"
	case Unsupported:
		return "unsupported"
	case Refused:
		return "refused"
	case Limit:
		return "limit"
	case Changed:
		return "changed"
	}
	return "unknown"
}

// NoOffset is the Offset of an Error that has no place in the file.
const NoOffset = -1

// Error is a failure with its place. The zero Offset is a real one; errors
// that have none carry [NoOffset].
type Error struct {
	Kind   Kind
	Member string // member of an archive, "" when the file is none
	Offset int64  // in bytes from the start of the file or member
	Name   string // the tensor's or global's name, "" when none
	Text   string // what is wrong, lower case, no full stop
}

// Error reads "malformed: member "archive/data.pkl" at offset 0x1f4: text".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(": ")
	if e.Member != "" {
		fmt.Fprintf(&b, "member %s ", Quote(e.Member))
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "at offset %#x", e.Offset)
	}
	where := strings.TrimSuffix(b.String(), " ")
	if e.Member != "" || e.Offset >= 0 {
		where += ": "
	} else {
		where += " "
	}
	if e.Name != "" {
		where += Quote(e.Name) + ": "
	}
	return where + e.Text
}

// At makes an Error with an offset.
func At(kind Kind, offset int64, format string, args ...any) *Error {
	return &Error{Kind: kind, Offset: offset, Text: fmt.Sprintf(format, args...)}
}

// New makes an Error without a place.
func New(kind Kind, format string, args ...any) *Error {
	return At(kind, NoOffset, format, args...)
}

// In names the member that err happened in, unless it names one already.
func In(member string, err error) error {
	var e *Error
	if member == "" || !errors.As(err, &e) || e.Member != "" {
		return err
	}
	c := *e
	c.Member = member
	return &c
}

// Is reports whether err is a failure of that kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// maxQuoted bounds what a message repeats of a file: a name may be megabytes.
const maxQuoted = 96

// Of finds what an error says of what a file holds. It is nil for an error of
// reading the file, also for one that changed.
func Of(err error) *Error {
	var e *Error
	if !errors.As(err, &e) || e.Kind == Changed {
		return nil
	}
	return e
}

// Quote quotes text from a file for a message, cut to a bounded length.
func Quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", s[:maxQuoted], len(s))
}
