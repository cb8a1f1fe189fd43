package main

import "depickle/scan/policy"

// scanJSON writes the report that scan/scan.schema.json describes.
type scanJSON struct {
	a      *app
	policy *policy.Policy
}

type scanReport struct {
	Schema  string    `json:"schema"`
	Policy  string    `json:"policy"`
	Files   []scanned `json:"files"`
	Skipped []skipped `json:"skipped,omitempty"`
}

type skipped struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

func (scanJSON) file(*scanned) {}

func (w scanJSON) end(all []scanned) error {
	r := scanReport{Schema: "depickle.scan/1", Policy: w.policy.Digest(), Files: []scanned{}}
	for _, s := range all {
		if s.skip != "" {
			r.Skipped = append(r.Skipped, skipped{s.Path, s.skip})
		} else {
			r.Files = append(r.Files, s)
		}
	}
	return w.a.json(r)
}
