package scan

import (
	"depickle/scan/container"
	"depickle/scan/policy"
)

// packageCode judges the Python that an archive of torch.package brings. Its
// importer runs the file of a module when a pickle in the archive names the
// module, and takes it before Python's own of that name: a pickle that names
// nothing but argparse.Namespace then runs the archive's argparse.
func (j *judge) packageCode(src *container.Source) error {
	for _, m := range src.PackageCode() {
		f := Finding{ID: "package-code", Severity: Suspicious, Member: m.Member.Name, Offset: m.Member.Header,
			Message: "Python that torch.package runs when its module " + display(m.Name) + " is imported"}
		if policy.Elsewhere(m.Name) {
			f.Severity = Dangerous
			f.Message += ", in the place of the one that everybody else has by that name"
		}
		j.add(f)
	}
	return nil
}
