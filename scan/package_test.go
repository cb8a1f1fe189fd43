package scan_test

import (
	"testing"

	"depickle/scan"
)

// Archives as torch.package's importer takes them: what they bring in Python
// runs when a pickle in them names it, or anything else imports it.
func TestPackage(t *testing.T) {
	const code = "import os\nos.system('id')\n"
	extern := member{"p/.data/extern_modules", ""}
	version := member{"p/.data/version", "6\n"}
	pickle := member{"p/model/model.pkl", proto2(call(global("argparse", "Namespace")))}
	for _, c := range []struct {
		name    string
		members []member
		want    scan.Severity
		says    string
	}{
		{"no code", []member{extern, version, pickle}, scan.Clean, ""},
		{"code", []member{extern, version, pickle, {"p/ours/net.py", code}}, scan.Suspicious,
			"Python that torch.package runs when its module ours.net is imported"},
		{"code of a package", []member{extern, version, pickle, {"p/ours/__init__.py", code}}, scan.Suspicious,
			"Python that torch.package runs when its module ours is imported"},
		{"code in the place of Python's", []member{extern, version, pickle, {"p/argparse.py", code}}, scan.Dangerous,
			"Python that torch.package runs when its module argparse is imported, in the place of the one that everybody else has by that name"},
		{"code in the place of torch's", []member{extern, version, pickle, {"p/torch/_utils.py", code}}, scan.Dangerous, ""},
		{"another case", []member{version, pickle, {"p/argparse.py", code}, {"P/.DATA/EXTERN_MODULES", ""}}, scan.Dangerous, ""},
		{"beside a checkpoint", []member{{"p/data.pkl", proto2("}")}, extern, version, {"p/argparse.py", code}}, scan.Dangerous, ""},
		{"what is no package", []member{version, pickle, {"p/argparse.py", code}}, scan.Clean, ""},
		{"what the importer passes over", []member{extern, version, pickle, {"p/.data/argparse.py", code}}, scan.Clean, ""},
	} {
		r := judge(t, archive(t, c.members...))
		f := has(r, "package-code")
		if r.Severity != c.want || (f != nil) != (c.want != scan.Clean) || c.says != "" && f.Message != c.says {
			t.Errorf("%s: %s %+v", c.name, r.Severity, r.Findings)
		}
	}
}
