package main

import (
	"encoding/xml"
	"fmt"
	"strings"

	"depickle/scan"
)

// scanJUnit writes each file as a test case: dangerous and suspicious ones
// failed, those that were not read whole are errors.
type scanJUnit struct{ a *app }

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (scanJUnit) file(*scanned) {}

func (w scanJUnit) end(all []scanned) error {
	suite := junitSuite{Name: "depickle scan", Tests: len(all)}
	for i := range all {
		s := &all[i]
		c := junitCase{Class: "depickle.scan", Name: printable(s.Path)}
		switch {
		case s.skip != "":
			c.Skipped = &junitText{Message: printable(s.skip)}
			suite.Skipped++
		case s.exit == exitRefused:
			c.Failure = findingsText(s)
			suite.Failures++
		case s.exit == exitFailed:
			c.Error = findingsText(s)
			suite.Errors++
		}
		suite.Cases = append(suite.Cases, c)
	}
	fmt.Fprint(w.a.out, xml.Header)
	e := xml.NewEncoder(w.a.out)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w.a.out)
	return err
}

// findingsText is the worst finding, and all of them, one in a line.
func findingsText(s *scanned) *junitText {
	if s.Error != "" {
		return &junitText{Message: printable(s.Error)}
	}
	var lines []string
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Severity != scan.Note {
			lines = append(lines, printable(f.Severity.String()+": "+message(f)+where(f)))
		}
	}
	text := &junitText{Message: s.Verdict.String(), Text: strings.Join(lines, "\n")}
	if worst := s.Worst(); worst != nil {
		text.Message += ": " + printable(message(worst))
	}
	return text
}
